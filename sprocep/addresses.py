"""Where pages of the site are, as letters, papers and the API say it."""

from django.conf import settings


def on_site(path: str) -> str:
    """The whole address of a page. No request says where the site is: its headers are anybody's."""
    return settings.SITE_URL + path


def site_name() -> str:
    """What a person types to come to the site."""
    return settings.SITE_URL.partition("://")[2]
