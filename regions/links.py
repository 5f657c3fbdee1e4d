"""Links sent by mail: each opens one thing, for one account, once, for a while.

Nothing of them is stored: they are signed by the key of the site, and hold a fingerprint of what
their use changes.
"""

from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

from regions.models import User


@dataclass(frozen=True)
class Link:
    """`seconds` is how long it holds; `route` takes its token; the letter is `mail/<purpose>`."""

    purpose: str
    subject: str
    seconds: int
    route: str

    @property
    def salt(self) -> str:
        return f"regions.links.{self.purpose}"


INVITATION = Link("invitation", "Votre compte sprocep", 7 * 24 * 3600, "regions:accept_invitation")
RESET = Link("reset", "Un nouveau mot de passe pour sprocep", 3600, "regions:reset_password")


def token(link: Link, user: User) -> str:
    return signing.dumps([user.pk, _state(user)], salt=link.salt)


def holder(link: Link, text: str) -> User | None:
    """Whose link this is; None once it is used, too old, of a closed account or not ours."""
    try:
        key, state = signing.loads(text, salt=link.salt, max_age=link.seconds)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    return user if user and constant_time_compare(state, _state(user)) else None


def _state(user: User) -> str:
    """Another one as soon as a password is chosen, or the person has logged in."""
    return salted_hmac("regions.links", f"{user.password} {user.last_login}").hexdigest()
