"""« Nouvel entretien » and its correction: the talk, the journey that it opens, the person."""

from uuid import UUID

from django import forms

from beneficiaries.entries import Profile, Talk, filled
from beneficiaries.forms.codes import CodeForm
from beneficiaries.forms.fields import (
    CodeField,
    CodesField,
    CommuneField,
    FactDayField,
    InstantField,
    NoteField,
    PersonCodeField,
    SiteField,
    TypedDayField,
)
from beneficiaries.forms.persons import IdentityForm
from beneficiaries.models import Session
from beneficiaries.queries import CodeLists, is_code_given, last_channel, sites
from operators.models import Arrival
from regions.models import Membership
from regions.queries import region_scope
from sprocep import periods

HIGHEST_RANK = 3
HIGHEST = [("", "celui des services")]


class TalkForm(CodeForm):
    """One session."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)
    held_on = FactDayField(label="Date")
    channel = CodeField("channel", label="Canal")
    site = SiteField(
        label="Lieu d’accueil", help_text="À distance, c’est le vôtre qui situe l’entretien."
    )
    main_service = CodeField(
        "service",
        label="Service principal",
        help_text="Il donne son niveau à l’entretien.",
        error_messages={
            "required": "Choisissez le service rendu : il donne son niveau à l’entretien.",
            "invalid_choice": "Ce service n’est pas dans la liste. Choisissez une valeur proposée.",
        },
    )
    other_services = CodesField(
        "service",
        label="Autres services",
        help_text="Le plus élevé donne le niveau de l’entretien.",
    )
    level = CodeField(
        "level",
        label="Niveau",
        required=False,
        help_text="À relever à la main si l’entretien est allé plus loin que ses services.",
    )
    minutes = forms.IntegerField(
        label="Durée en minutes",
        required=False,
        help_text="Mesure le temps passé par niveau.",
        min_value=1,
        max_value=600,
        error_messages={
            "min_value": "La durée va de 1 à 600 minutes.",
            "max_value": "La durée va de 1 à 600 minutes.",
        },
    )
    note = NoteField(
        label="Note",
        max_length=1000,
        help_text="Lue par votre structure seule, jamais compilée. Pas de donnée de santé, pas de "
        "numéro de sécurité sociale.",
    )
    next_on = TypedDayField(
        label="Prochain rendez-vous",
        required=False,
        help_text="Rappelé sur votre accueil s’il passe sans entretien.",
    )

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, **options)
        rank = 1 if membership.is_level1_only else HIGHEST_RANK
        services = self.lists.services_by_level(rank)
        self.fields["main_service"].choices = [("", "Choisir"), *services]
        self.fields["other_services"].choices = services
        self.fields["level"].choices = HIGHEST + [
            (code, f"niveau {self.lists.rank(code)} · {label[:1].lower()}{label[1:]}")
            for code, label in self.lists.levels_up_to(rank)
        ]
        where = (membership.structure_id, membership.region_id, periods.today())
        self.fields["site"].offer(sites(*where))

    @staticmethod
    def blank(key: UUID, membership: Membership, lists: CodeLists) -> dict:
        """Today, my last channel, my site."""
        channels = lists.labels["channel"]
        last = last_channel(membership)
        return {
            "key": key,
            "held_on": periods.today(),
            "channel": last if last in channels else next(iter(channels), ""),
            "site": membership.site.public_id,
        }

    @staticmethod
    def repeated(session: Session, lists: CodeLists) -> dict:
        """As this one was, but for its day and its note."""
        codes = [row.service_id for row in session.services.order_by("position")]
        is_raised = codes and session.level_id != lists.level_of(codes)
        return {
            "channel": session.channel_id,
            "site": session.site.public_id,
            "main_service": codes[0] if codes else "",
            "other_services": codes[1:],
            "level": session.level_id if is_raised else "",
            "minutes": session.minutes,
        }

    @classmethod
    def as_typed(cls, data) -> dict:
        """Values to begin again with: what was typed, right or wrong."""
        return {
            name: field.widget.value_from_datadict(data, {}, name)
            for name, field in cls.base_fields.items()
        }

    def services(self) -> tuple[str, ...]:
        """The main one first, each once."""
        data = self.cleaned_data
        chosen = [data.get("main_service", ""), *data.get("other_services", [])]
        return tuple(dict.fromkeys(code for code in chosen if code))

    def talk(self) -> Talk:
        return Talk(**filled(Talk, self.cleaned_data), services=self.services())


class CorrectionForm(TalkForm):
    """A session as it was read; `seen_at` says which text that was."""

    seen_at = InstantField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def typed(session: Session, lists: CodeLists) -> dict:
        return TalkForm.repeated(session, lists) | {
            "held_on": session.held_on,
            "next_on": session.next_on,
            "note": session.note,
            "seen_at": session.updated_at.isoformat(),
        }


class OpeningForm(TalkForm):
    """The first session of a journey: why it opens, for whom. Frozen that day."""

    # As on the page, which is what the summary of errors goes by.
    field_order = (
        "main_reason",
        "other_reasons",
        "situation",
        "contract_type",
        "education_level",
        "socio_professional_category",
        "sector",
        "requested_on",
        "arrival",
        "commune",
        "boeth",
        "contact_code",
        "is_code_from_elsewhere",
    )
    main_reason = CodeField(
        "reason",
        label="Motif principal",
        error_messages={
            "required": "Choisissez le motif de la demande.",
            "invalid_choice": "Ce motif n’est pas dans la liste. Choisissez une valeur proposée.",
        },
    )
    other_reasons = CodesField(
        "reason", label="Autres motifs", help_text="Comptés à part du motif principal."
    )
    requested_on = TypedDayField(
        label="Date de la demande",
        required=False,
        help_text="Si elle précède l’entretien : elle mesure le délai d’accès.",
    )
    arrival = CodeField(
        "arrival",
        label="Venue",
        initial="NR",
        required=False,
        help_text="Dit si l’on vient de soi-même. Une fiche ou un code d’accueil le disent déjà.",
    )
    situation = CodeField(
        "situation", label="Situation", initial="NR", help_text="Dit quels publics viennent."
    )
    education_level = CodeField(
        "education_level",
        label="Niveau de formation",
        initial="NR",
        help_text="Dit si le CEP atteint les moins diplômés.",
    )
    socio_professional_category = CodeField(
        "socio_professional_category",
        label="Catégorie socioprofessionnelle",
        initial="NR",
        help_text="Dit quels métiers viennent.",
    )
    sector = CodeField(
        "sector", label="Secteur d’activité", initial="NR", help_text="Dit quels secteurs viennent."
    )
    contract_type = CodeField(
        "contract_type",
        label="Type de contrat",
        initial="K99",
        help_text="Dit si le CEP atteint les contrats courts.",
    )
    boeth = CodeField(
        "boeth",
        label="Bénéficiaire de l’obligation d’emploi",
        initial="NR",
        required=False,
        help_text="Donnée de santé : facultative, à la demande de la personne, jamais affichée "
        "dans une liste.",
    )
    commune = CommuneField(
        label="Commune de résidence",
        help_text="Nom ou code postal. Dit seulement si la personne vit en zone rurale ou urbaine.",
    )
    contact_code = PersonCodeField(
        label="Code d’accueil",
        required=False,
        max_length=60,
        error_messages={
            "misread": "Ce code est mal recopié : il compte cinq groupes de quatre signes. "
            "Relisez-les, ou laissez vide."
        },
        help_text="D’un accueil anonyme, si la personne le donne : elle ne compte qu’une fois.",
    )
    is_code_from_elsewhere = forms.BooleanField(label="Code reçu ailleurs", required=False)

    def __init__(self, *args, membership: Membership, **options) -> None:
        super().__init__(*args, membership=membership, **options)
        self.desks = membership.structure_id, region_scope(membership.region_id)
        self.fields["main_reason"].choices = [("", "Choisir"), *self.lists.choices("reason")]
        self.fields["arrival"].choices = [
            (code, label)
            for code, label in self.lists.choices("arrival")
            if code not in Arrival.KNOWN
        ]

    def clean(self) -> dict:
        data = super().clean()
        requested, held = data.get("requested_on"), data.get("held_on")
        if requested and held and requested > held:
            self.add_error("requested_on", "La demande ne peut pas suivre le premier entretien.")
        code = data.get("contact_code")
        if code and not data["is_code_from_elsewhere"] and not is_code_given(*self.desks, code):
            self.add_error(
                "contact_code",
                "Aucun accueil de votre structure n’a donné ce code. Relisez-le ; si la personne "
                "l’a reçu ailleurs, cochez la case.",
            )
        return data

    def profile(self) -> Profile:
        values = filled(Profile, self.cleaned_data)
        values["other_reasons"] = tuple(values["other_reasons"])
        values |= {name: values[name] or "NR" for name in ("boeth", "arrival")}
        return Profile(**values)


class NewPersonForm(IdentityForm, OpeningForm):
    """The first session of a person new to the structure."""

    field_order = (*IdentityForm.base_fields, "is_somebody_else", *OpeningForm.field_order)
    is_somebody_else = forms.BooleanField(
        label="Aucune de ces personnes : ouvrir une nouvelle fiche", required=False
    )
