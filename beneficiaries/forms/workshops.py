"""« Nouvel atelier », its correction, its cancellation; what the list is narrowed by."""

from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from beneficiaries.entries import Gathering, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    AdviserField,
    CodeField,
    DayField,
    FactDayField,
    InstantField,
    PlainField,
    SiteField,
)
from beneficiaries.models import MOST_HEADS, Draft, Workshop
from beneficiaries.queries import CodeLists, advisers, last_channel, participants, picked, sites
from regions.models import Membership
from sprocep import periods

OUT_OF_MINUTES = "La durée va de 1 à 600 minutes."
OUT_OF_HEADS = f"Un atelier compte de 1 à {MOST_HEADS} personnes."


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


class KnownField(forms.MultipleChoiceField):
    """Public ids of journeys; those of another structure do not exist."""

    structure: int | None = None

    def clean(self, value) -> tuple[UUID, ...]:
        wanted = set(value or [])
        found = picked(self.structure, filter(is_uuid, wanted))
        if len(ids := tuple(journey.public_id for journey in found)) < len(wanted):
            raise ValidationError(
                "Un des participants n’est pas connu de votre structure. Cherchez-le à nouveau."
            )
        return ids


class WorkshopForm(CodeForm):
    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    page = forms.CharField(
        widget=forms.HiddenInput, required=False, initial=Draft.Page.WORKSHOP.value
    )
    held_on = FactDayField(label="Date")
    theme = CodeField(
        "theme",
        label="Thème",
        error_messages={
            "required": "Choisissez le thème de l’atelier.",
            "invalid_choice": "Ce thème n’est pas dans la liste. Choisissez une valeur proposée.",
        },
    )
    title = PlainField(
        label="Intitulé",
        required=False,
        max_length=120,
        help_text="Celui de l’affiche, sans nom de personne.",
    )
    channel = CodeField("channel", label="Canal")
    site = SiteField(label="Lieu d’accueil", help_text="À distance, c’est celui de qui anime.")
    minutes = forms.IntegerField(
        label="Durée en minutes",
        min_value=1,
        max_value=600,
        error_messages={"min_value": OUT_OF_MINUTES, "max_value": OUT_OF_MINUTES},
    )
    animator = AdviserField(label="Animé par")
    known = KnownField(
        label="Participants connus", required=False, widget=forms.MultipleHiddenInput
    )
    heads = forms.IntegerField(
        label="Nombre de personnes",
        required=False,
        min_value=1,
        max_value=MOST_HEADS,
        help_text="En tout, participants choisis compris. Vide : eux seuls.",
        error_messages={"min_value": OUT_OF_HEADS, "max_value": OUT_OF_HEADS},
    )

    def __init__(
        self, *args, membership: Membership, former: Membership | None = None, **options
    ) -> None:
        """`former`: who animated it, and may have left since."""
        super().__init__(*args, **options)
        where = (membership.structure_id, membership.region_id, periods.today())
        self.fields["theme"].choices = [("", "Choisir"), *self.lists.choices("theme")]
        self.fields["site"].offer(sites(*where))
        who = advisers(*where).select_related("site__commune")
        self.fields["animator"].offer([*who, former] if former else who)
        self.fields["known"].structure = membership.structure_id

    @staticmethod
    def blank(key: UUID, membership: Membership, lists: CodeLists) -> dict:
        """Today, my last channel, my site, me."""
        channels = lists.labels["channel"]
        last = last_channel(membership)
        return {
            "key": key,
            "held_on": periods.today(),
            "channel": last if last in channels else next(iter(channels), ""),
            "site": membership.site.public_id,
            "animator": membership.public_id,
        }

    @classmethod
    def as_typed(cls, data) -> dict:
        """Values to begin again with: what was typed, right or wrong."""
        return {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in cls.base_fields.items()
        }

    def clean(self) -> dict:
        data = super().clean()
        if {"heads", "known"} & set(self.errors):
            return data
        known = len(data["known"])
        if data["heads"] is None:
            data["heads"] = known
        if not data["heads"]:
            self.add_error(
                "heads", "Dites combien de personnes sont venues, ou choisissez des participants."
            )
        elif data["heads"] < known:
            self.add_error(
                "heads",
                f"{known} participants sont choisis : le nombre de personnes ne peut pas être plus "
                "petit.",
            )
        return data

    def gathering(self) -> Gathering:
        return Gathering(**filled(Gathering, self.cleaned_data))


class WorkshopCorrectionForm(WorkshopForm):
    """A workshop as it was read; `seen_at` says which text that was."""

    seen_at = InstantField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def typed(workshop: Workshop) -> dict:
        return {
            "held_on": workshop.held_on,
            "theme": workshop.theme_id,
            "title": workshop.title,
            "channel": workshop.channel_id,
            "site": workshop.site.public_id,
            "minutes": workshop.minutes,
            "animator": workshop.animator.public_id,
            "heads": workshop.heads,
            "known": participants(workshop),
            "seen_at": workshop.updated_at.isoformat(),
        }


class CancellationForm(forms.Form):
    reason = PlainField(
        label="Pourquoi",
        max_length=200,
        help_text="Lu par votre structure, à côté de l’atelier, qui ne compte plus.",
        error_messages={"required": "Dites pourquoi l’atelier est annulé."},
    )


class WorkshopFilter(CodeForm):
    """A choice that does not exist filters nothing: an old address still shows something."""

    theme = CodeField("theme", label="Thème", required=False)
    held_from = DayField(label="Tenus à partir du", required=False)
    held_to = DayField(label="Jusqu’au", required=False)

    def __init__(self, data, *, lists: CodeLists) -> None:
        super().__init__(data, lists=lists)
        self.fields["theme"].choices = [("", "tous"), *lists.choices("theme")]

    def narrowed(self, found: QuerySet[Workshop]) -> QuerySet[Workshop]:
        self.is_valid()
        columns = {"theme": "theme", "held_from": "held_on__gte", "held_to": "held_on__lte"}
        asked = {columns[name]: value for name, value in self.cleaned_data.items() if value}
        return found.filter(**asked)
