"""Lists on screen: sorted by a closed set of columns, 50 rows a page, the address keeps it all."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

ROWS = 50


@dataclass(frozen=True)
class Listing:
    """`page` of rows, the `sort` in force, and `query`: the address without sort and page."""

    page: Page
    sort: str
    query: str

    @property
    def page_query(self) -> str:
        """What the links to other pages repeat."""
        return f"{self.query}&sort={self.sort}" if self.query else f"sort={self.sort}"


def listing(
    request: HttpRequest, rows: QuerySet, sorts: dict[str, tuple[str, ...]], default: str
) -> Listing:
    """One page of `rows`. `sorts` maps what an address may say to columns; the last breaks ties.

    A sort or a page that does not exist gives the first: an old address still shows something.
    """
    wanted = request.GET.get("sort", default)
    if wanted.removeprefix("-") not in sorts:
        wanted = default
    columns = sorts[wanted.removeprefix("-")]
    if wanted.startswith("-"):
        columns = tuple(c.removeprefix("-") if c.startswith("-") else f"-{c}" for c in columns)
    query = request.GET.copy()
    for name in ("sort", "page"):
        query.pop(name, None)
    page = Paginator(rows.order_by(*columns), ROWS).get_page(request.GET.get("page"))
    return Listing(page, wanted, query.urlencode())
