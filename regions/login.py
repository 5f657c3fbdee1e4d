"""The two reads that begin every request, the login and its account, written out: the ORM makes
each three times as dear (docs/adr/0011). SESSION_ENGINE, and a backend of AUTHENTICATION_BACKENDS.

A row of a login opens nothing to who reads it, nor lets its content be put into another: its key
is a proof of the cookie's, and its content is signed for that cookie alone (docs/adr/0059).
"""

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from regions import hashing, throttle
from regions.models import User

_LOGIN = """
SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s
"""
_ACCOUNT = "SELECT * FROM regions_user WHERE id = %s"


def row_of(session_key: str) -> str:
    """Return the key of the row of this cookie, in the 40 characters of its column."""
    return salted_hmac("regions.login", session_key, algorithm="sha256").hexdigest()[:40]


class SessionStore(db.SessionStore):
    @property
    def key_salt(self) -> str:
        return f"regions.login.{self.session_key}"

    def exists(self, session_key: str) -> bool:
        return super().exists(row_of(session_key))

    def create_model_instance(self, data: dict):
        row = super().create_model_instance(data)
        row.session_key = row_of(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(row_of(key))

    def load(self) -> dict:
        with connection.cursor() as cursor:
            cursor.execute(_LOGIN, [row_of(self.session_key), timezone.now()])
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
