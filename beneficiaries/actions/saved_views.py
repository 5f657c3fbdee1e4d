"""Views of « Mes parcours » that their owner keeps; they are no facts, and leave no audit row."""

from beneficiaries.actions.rules import writing
from beneficiaries.models import SavedView
from beneficiaries.queries import saved_views
from regions.models import Membership
from regions.permissions import Permission
from sprocep.errors import ActionRefused

MOST_VIEWS = 10


def save_view(*, membership: Membership, name: str, query: str) -> SavedView:
    """Keep these filters under a name; the same name again replaces them."""
    with writing(membership, Permission.READ_JOURNEYS):
        if not query:
            raise ActionRefused("Filtrez la liste, puis gardez la vue : elle n’a aucun filtre.")
        mine = saved_views(membership)
        if not mine.filter(name=name).exists() and mine.count() >= MOST_VIEWS:
            raise ActionRefused(
                f"Vous gardez déjà {MOST_VIEWS} vues : supprimez-en une, ou reprenez un nom."
            )
        view, _ = SavedView.objects.update_or_create(
            structure_id=membership.structure_id,
            owner=membership,
            name=name,
            defaults={"query": query},
            create_defaults={"query": query, "region_id": membership.region_id},
        )
    return view


def drop_view(*, membership: Membership, view: SavedView) -> None:
    with writing(membership, Permission.READ_JOURNEYS):
        saved_views(membership).filter(pk=view.pk).delete()
