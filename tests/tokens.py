"""Tokens of the world's programs, issued by the product and gone at the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from regions.actions import issue_token
from regions.models import ApiToken
from regions.queries import national_regions
from sprocep import periods
from sprocep.tenancy import scope
from tests.fixtures import OWNER, World


def tokens() -> list[ApiToken]:
    """All of them, as the nation sees them."""
    with scope(regions=national_regions(), read_only=True):
        return list(ApiToken.objects.order_by("pk"))


@contextmanager
def shown_token(world: World, of: str) -> Iterator[dict[str, str]]:
    """Headers of `world[of]`, a program: `Client(headers=…)`."""
    with scope(regions=national_regions()):
        token, secret = issue_token(
            by=world["platform_administrator"].user,
            membership=world[of],
            label="essai",
            expires_on=periods.days_after(periods.today(), 30),
        )
    yield {"Authorization": f"Bearer {secret}"}
    ApiToken.objects.using(OWNER).filter(pk=token.pk).delete()
