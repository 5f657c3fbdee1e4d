"""The two reads that begin every request, the login and its account, written out: the ORM makes
each three times as dear (docs/adr/0011). SESSION_ENGINE, and a backend of AUTHENTICATION_BACKENDS.
"""

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone

from regions import hashing, throttle
from regions.models import User

_LOGIN = """
SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s
"""
_ACCOUNT = "SELECT * FROM regions_user WHERE id = %s"


class SessionStore(db.SessionStore):
    def load(self) -> dict:
        with connection.cursor() as cursor:
            cursor.execute(_LOGIN, [self.session_key, timezone.now()])
            found = cursor.fetchone()
        if found is None:  # unknown or over: a key is never taken up again
            self._session_key = None
            return {}
        return self.decode(found[0])


class Accounts(ModelBackend):
    def authenticate(self, request, username=None, password=None, **options) -> User | None:
        """Hash once, whether the account exists or not, when it is this browser's turn."""
        is_known = request is not None and throttle.known_device(request).opened(username or "")
        with hashing.turn(is_known=is_known):
            return super().authenticate(request, username, password, **options)

    def get_user(self, user_id: int) -> User | None:
        user = next(iter(User.objects.raw(_ACCOUNT, [user_id])), None)
        return user if user and self.user_can_authenticate(user) else None
