"""What the DGEFP types about a national code list, a coordination about a rule, a structure about
its places and hours."""

from django import forms
from django.core.validators import validate_email
from django.db.models import Exists, Max, OuterRef

from operators.models import (
    Channel,
    Funder,
    FundingRight,
    Nomenclature,
    OpeningHours,
    Reason,
    RoutingRule,
    Service,
    ServiceLevel,
    Situation,
    SocioProfessionalCategory,
)
from operators.queries import choices, receiving_structures
from operators.routing import PLATFORM
from regions.forms import day_field, quarter_field
from regions.letter_forms import again_field
from regions.models import Site
from regions.queries import departments_of, network_names
from sprocep import periods, sms

_HEALTH = forms.BooleanField(
    label="Relève de la santé",
    required=False,
    help_text="Publié pour la Région entière seulement, et secret dès un petit nombre.",
)
_REMOTE = forms.BooleanField(label="À distance", required=False)


class CodeForm(forms.Form):
    """A code more in a list, with what this list alone says of its codes."""

    code = forms.RegexField(
        r"^[A-Z0-9_]{1,12}$",
        label="Code",
        help_text="Capitales et chiffres, douze au plus. Il ne changera jamais de sens.",
        error_messages={"invalid": "Écrivez des capitales et des chiffres, douze au plus."},
    )
    label = forms.CharField(label="Libellé", max_length=120)

    def __init__(self, *args, code_list: type[Nomenclature], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if code_list is Service:
            levels = choices(ServiceLevel, periods.today())
            self.fields["level"] = forms.ModelChoiceField(
                label="Niveau", queryset=levels, empty_label="—"
            )
        elif code_list is FundingRight:
            funders = choices(Funder, periods.today())
            self.fields["funder"] = forms.ModelChoiceField(
                label="Financeur", queryset=funders, empty_label="—"
            )
        elif code_list is Reason:
            self.fields["is_health"] = _HEALTH
        elif code_list is Channel:
            self.fields["is_remote"] = _REMOTE
        self.fields["starts_on"] = quarter_field("À partir du")


class EndOfCodeForm(forms.Form):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"] = quarter_field(
            "Premier jour sans ce code",
            help_text="Ce qui porte déjà ce code le garde.",
        )


# ── Rules of « aiguillage » ──────────────────────────────────────────────────────────────────

_PLATFORM = "plateforme"  # no code of a network, which are in capitals
_AGES = {"min_value": 14, "max_value": 99, "required": False}


class RuleForm(forms.Form):
    """For whom, then what is proposed, then from when; of one Region."""

    situations = forms.MultipleChoiceField(
        label="Situations", required=False, widget=forms.CheckboxSelectMultiple
    )
    reasons = forms.MultipleChoiceField(
        label="Motifs", required=False, widget=forms.CheckboxSelectMultiple
    )
    categories = forms.MultipleChoiceField(
        label="Catégories socioprofessionnelles",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Au niveau 3 seulement : la fiche ne la dit pas avant.",
    )
    youngest = forms.IntegerField(label="Âge le plus bas", **_AGES)
    oldest = forms.IntegerField(label="Âge le plus haut", **_AGES)
    level = forms.ChoiceField(label="Niveau demandé", required=False)
    department = forms.ChoiceField(label="Territoire", required=False)
    of_dropouts = forms.BooleanField(
        label="Seulement pour qui suit le parcours décrocheur",
        required=False,
        help_text="Ces règles forment une liste à part : en écrire une remplace les règles "
        "nationales des décrocheurs, et elles seules.",
    )
    target = forms.ChoiceField(label="Réseau ou structure")
    excludes = forms.TypedChoiceField(
        label="Effet",
        coerce=lambda text: text == "True",
        choices=[("False", "proposer"), ("True", "ne pas proposer")],
        initial="False",
        widget=forms.RadioSelect,
    )
    position = forms.IntegerField(
        label="Rang",
        min_value=1,
        max_value=9999,
        help_text="La règle du plus petit rang décide ; deux règles de même rang se valent.",
    )
    source = forms.CharField(
        label="Texte ou réunion qui la fixe",
        max_length=200,
        required=False,
        help_text="« Convention du SPRO du 12 mars 2016, article 4 ».",
    )
    starts_on = day_field("À partir du", help_text="Aujourd’hui ou un jour à venir.")

    def __init__(self, *args, region: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = periods.today()
        for name, nomenclature in (
            ("situations", Situation),
            ("reasons", Reason),
            ("categories", SocioProfessionalCategory),
        ):
            self.fields[name].choices = [(c.code, c.label) for c in choices(nomenclature, today)]
        self.levels = {level.code: level for level in choices(ServiceLevel, today)}
        self.fields["level"].choices = [
            ("", "quel qu’il soit"),
            *((code, f"niveau {one.rank}") for code, one in self.levels.items() if one.rank > 1),
        ]
        self.fields["department"].choices = [
            ("", "toute la Région"),
            *((one.code, f"{one.code} · {one.name}") for one in departments_of(region, today)),
        ]
        with_a_place = receiving_structures(region, today).filter(
            Exists(Site.objects.filter(structure=OuterRef("pk"), is_remote_platform=False))
        )
        self.structures = {str(one.public_id): one for one in with_a_place}
        self.fields["target"].choices = [
            ("", "—"),
            (_PLATFORM, PLATFORM[:1].upper() + PLATFORM[1:]),
            ("Réseaux", list(network_names(today).items())),
            ("Structures", [(key, one.name) for key, one in self.structures.items()]),
        ]

    @staticmethod
    def blank(region: str) -> dict:
        """Behind the rules that there are, from today."""
        last = RoutingRule.objects.filter(region=region, ends_on=None).aggregate(
            last=Max("position")
        )["last"]
        return {"position": (last or 0) + 10, "starts_on": periods.today()}

    @staticmethod
    def of(rule: RoutingRule) -> dict:
        """A rule as this form asks it."""
        asked = (
            "situations", "reasons", "categories", "youngest", "oldest", "of_dropouts", "position",
            "source",
        )  # fmt: skip
        return {name: getattr(rule, name) for name in asked} | {
            "level": rule.level_id,
            "department": rule.department_id,
            "target": _PLATFORM
            if rule.to_platform
            else rule.network_id or str(rule.structure.public_id),
            "excludes": rule.excludes,
            "starts_on": max(rule.starts_on, periods.today()),
        }

    def clean(self) -> dict:
        values = super().clean()
        level = self.levels.get(values.get("level"))
        if values.get("categories") and (level is None or level.rank < 3):
            self.add_error(
                "level",
                "La catégorie socioprofessionnelle n’est transmise qu’au niveau 3. Choisissez ce "
                "niveau, ou retirez les catégories.",
            )
        youngest, oldest = values.get("youngest"), values.get("oldest")
        if youngest and oldest and youngest > oldest:
            self.add_error("oldest", "L’âge le plus bas ne dépasse pas l’âge le plus haut.")
        return values

    @property
    def lists(self) -> list[forms.BoundField]:
        """The folded ones."""
        return [self["situations"], self["reasons"], self["categories"]]

    @property
    def rule(self) -> dict:
        """The columns of a rule."""
        values = dict(self.cleaned_data)
        target = values.pop("target")
        structure = self.structures.get(target)
        return values | {
            "level": self.levels.get(values["level"]),
            "department_id": values.pop("department") or None,
            "structure": structure,
            "to_platform": target == _PLATFORM,
            "network_id": None if structure or target == _PLATFORM else target,
        }


class EndOfRuleForm(forms.Form):
    ends_on = day_field(
        "Premier jour sans cette règle",
        help_text="Pour reprendre une règle à venir, le jour où elle devait commencer.",
    )


# ── Advice on funders ────────────────────────────────────────────────────────────────────────


class HintForm(forms.Form):
    text = forms.CharField(
        label="Conseil",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Une phrase ou deux, pour qui monte un plan : « Demandez l’accord avant le début "
        "de la formation. »",
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="Le texte qui le dit : « Règlement d’intervention du 12 mars 2026, article 4 ».",
    )
    starts_on = day_field("À partir du", help_text="Aujourd’hui ou un jour à venir.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        funders = choices(Funder, periods.today())
        funder = forms.ModelChoiceField(label="Financeur", queryset=funders, empty_label="—")
        self.fields = {"funder": funder, **self.fields}


class EndOfHintForm(forms.Form):
    ends_on = day_field(
        "Premier jour sans ce conseil",
        help_text="Pour reprendre un conseil à venir, le jour où il devait commencer.",
    )


class PlatformForm(forms.Form):
    day = day_field("À partir du", help_text="Aujourd’hui ou un jour à venir.")
    # What the page showed: two who send it at once do not undo each other.
    leaves = forms.BooleanField(required=False, widget=forms.HiddenInput)


# ── Places and hours of a structure ──────────────────────────────────────────────────────────


class CapacityForm(forms.Form):
    weekly = forms.IntegerField(
        label="Fiches par semaine",
        min_value=1,
        max_value=9999,
        required=False,
        help_text="Du lundi au dimanche. Vide : sans limite.",
        error_messages={
            "min_value": "Écrivez 1 au moins. Pour ne plus recevoir, dites « complet jusqu’au »."
        },
    )
    full_until = day_field(
        "Complet jusqu’au",
        required=False,
        help_text="Ce jour compris. Jusque-là, la structure est proposée après les autres.",
    )

    address = forms.CharField(
        label="Adresse des fiches",
        required=False,
        max_length=254,
    )

    def __init__(self, *args, is_refused: bool = False, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if is_refused:
            self.fields["writes_again"] = again_field()
        mobile = ", ou un mobile de service" if sms.is_available() else ""
        self.fields["address"].help_text = (
            f"Une boîte de la structure, lue chaque jour{mobile}. L’adresse sert tant qu’aucune "
            "direction n’a de compte : chaque fiche y est annoncée par un lien qui l’ouvre."
        )

    def clean_full_until(self):
        day = self.cleaned_data["full_until"]
        if day and day < periods.today():
            raise forms.ValidationError("Ce jour est passé. Choisissez-en un à venir, ou videz.")
        return day

    def clean_address(self) -> str:
        """A mobile is written as gateways want it; without a gateway it is no address."""
        typed = self.cleaned_data["address"]
        if not typed:
            return ""
        if sms.is_available() and (number := sms.number_of(typed)):
            return number
        try:
            validate_email(typed)
        except forms.ValidationError as exc:
            mobile = " ou un numéro de mobile" if sms.is_available() else ""
            raise forms.ValidationError(
                f"Écrivez une adresse électronique{mobile}, ou rien."
            ) from exc
        return typed


class HoursForm(forms.Form):
    """Two hours for each day of the week, or none."""

    def __init__(self, *args, site: Site, **kwargs) -> None:
        known = {one.weekday: one for one in site.hours.all()}
        first = {}
        for weekday, one in known.items():
            first |= {f"opens_{weekday}": one.opens_at, f"closes_{weekday}": one.closes_at}
        super().__init__(*args, initial=first, **kwargs)
        for weekday, label in OpeningHours.Weekday.choices:
            self.fields[f"opens_{weekday}"] = hour_field(f"{label.capitalize()}, ouvre à")
            self.fields[f"closes_{weekday}"] = hour_field(f"{label.capitalize()}, ferme à")

    @property
    def days(self) -> list[tuple]:
        """(opens, closes) of each day, as fields to show."""
        return [(self[f"opens_{day}"], self[f"closes_{day}"]) for day in OpeningHours.Weekday]

    def clean(self) -> dict:
        values = super().clean()
        for day in OpeningHours.Weekday:
            opens, closes = values.get(f"opens_{day}"), values.get(f"closes_{day}")
            if (opens is None) is not (closes is None):
                name = "closes" if closes is None else "opens"
                self.add_error(
                    f"{name}_{day}", "Donnez l’heure d’ouverture et celle de fermeture, ou aucune."
                )
            elif opens and opens >= closes:
                self.add_error(f"closes_{day}", "Un lieu ferme après avoir ouvert.")
        return values

    @property
    def hours(self) -> dict:
        values = self.cleaned_data
        return {
            int(day): (values[f"opens_{day}"], values[f"closes_{day}"])
            for day in OpeningHours.Weekday
        }


_HOUR_FORMATS = ["%H:%M", "%Hh%M", "%H h %M", "%Hh", "%H h", "%H%M", "%H"]


def hour_field(label: str, *, required: bool = False) -> forms.TimeField:
    """Typed as one says it: « 9 », « 9h30 », « 9:30 »."""
    return forms.TimeField(
        label=label,
        required=required,
        input_formats=_HOUR_FORMATS,
        widget=forms.TimeInput(format="%H:%M", attrs={"autocomplete": "off", "maxlength": 7}),
        error_messages={"invalid": "Écrivez une heure, comme 9:00 ou 9 h 30."},
    )
