"""What people type to log in, and what an administrator types about accounts."""

from datetime import date

import django_filters
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import validate_password
from django.db.models import QuerySet

from regions import hashing, queries, throttle
from regions.actions import QUARTERS_AHEAD
from regions.models import AccessEvent, AuditEvent, Membership, Network, Region, Site, User
from regions.wording import PAGES, action_words
from sprocep import periods

MOST_SITES = 50
BUSY = "Beaucoup de connexions en ce moment : celle-ci n’a pas été essayée. Recommencez."
# A program's membership comes with its account: `ProgramForm`, `SoftwareForm`.
ROLES_OF_PEOPLE = [c for c in Membership.Role.choices if c[0] not in Membership.PROGRAMS]


class LoginForm(AuthenticationForm):
    """Same answer, after the same time, for an unknown address and for a wrong password."""

    error_messages = {
        "invalid_login": (
            "Adresse ou mot de passe inconnu. Vérifiez votre saisie: les majuscules comptent dans "
            "le mot de passe."
        ),
        "inactive": "Adresse ou mot de passe inconnu.",
    }

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Adresse électronique"
        self.fields["username"].widget.input_type = "email"
        self.fields["username"].widget.attrs["autocomplete"] = "username"

    def clean_username(self) -> str:
        return self.cleaned_data["username"].strip().lower()

    def get_invalid_login_error(self) -> forms.ValidationError:
        words = throttle.refusal_words(self.request)
        return forms.ValidationError(words) if words else super().get_invalid_login_error()

    def clean(self) -> dict:
        try:
            return super().clean()
        except hashing.TooManyHashes as exc:
            raise forms.ValidationError(BUSY, code="busy") from exc


def day_field(label: str, **options) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        **options,
    )


def quarter_field(label: str, **options) -> forms.TypedChoiceField:
    """The first day of a coming quarter: what changes how activity is counted begins there."""
    coming = periods.coming_quarters(periods.today(), QUARTERS_AHEAD)
    return forms.TypedChoiceField(
        label=label,
        coerce=date.fromisoformat,
        choices=[(p.starts.isoformat(), f"{periods.full_date(p.starts)}") for p in coming],
        **options,
    )


class RegionNameForm(forms.Form):
    name = forms.CharField(label="Nouveau nom", max_length=120)
    starts_on = day_field("À partir du", help_text="Un jour à venir.")


class MergerForm(forms.Form):
    merging = forms.ModelMultipleChoiceField(
        label="Régions qui fusionnent",
        queryset=Region.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="Deux au moins.",
    )
    code = forms.RegexField(
        r"^[0-9A-Z]{2}$",
        label="Code de la nouvelle Région",
        max_length=2,
        help_text="Deux chiffres ou capitales, jamais portés par une autre Région.",
        error_messages={"invalid": "Écrivez deux chiffres ou capitales."},
    )
    name = forms.CharField(label="Nom de la nouvelle Région", max_length=120)
    chef_lieu = forms.CharField(label="Chef-lieu", max_length=60)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Here and not above: the coming quarters are those of the day of the page.
        self.fields["starts_on"] = quarter_field("À partir du")
        names = {region.code: region.name for region in queries.regions_on(periods.today())}
        merging = self.fields["merging"]
        merging.queryset = Region.objects.filter(pk__in=names, ends_on=None).order_by("code")
        merging.label_from_instance = lambda region: names[region.code]


class AccountForm(forms.Form):
    """Its holder chooses the password, by the link that the invitation carries."""

    email = forms.EmailField(
        label="Adresse électronique",
        max_length=254,
        help_text="La personne y reçoit un lien pour choisir son mot de passe.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(
                "Un compte existe déjà pour cette adresse. Ouvrez-lui une habilitation."
            )
        return email


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label="Adresse électronique de votre compte",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class PasswordForm(forms.Form):
    """Of the holder of a link. The address is there for the password manager of the browser."""

    email = forms.EmailField(
        label="Votre compte",
        disabled=True,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label="Mot de passe",
        help_text="Douze caractères au moins. Une phrase de plusieurs mots se retient bien.",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="Le même, encore une fois",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, User(email=self.initial["email"]))
        return password

    def clean(self) -> dict:
        values = super().clean()
        if "password" in values and "again" in values and values["password"] != values["again"]:
            self.add_error("again", "Les deux saisies diffèrent. Recommencez l’une et l’autre.")
        return values


class SiteChoice(forms.ModelChoiceField):
    def label_from_instance(self, site: Site) -> str:
        return f"{site.structure_name} ({site.structure.siret}), {site.name}, {site.commune}"


class NamedChoice(forms.ModelChoiceField):
    """Rows of a reference list under their name of the day, which the form gives."""

    def __init__(self, **options) -> None:
        super().__init__(queryset=None, empty_label="—", **options)

    def offer(self, rows: QuerySet, names: dict[str, str]) -> None:
        self.queryset = rows.filter(pk__in=names)
        self.label_from_instance = lambda row: names[row.pk]


class MembershipForm(forms.Form):
    """The place is a site: choosing it chooses the structure. The list follows what is searched."""

    email = forms.EmailField(
        label="Adresse électronique du compte", help_text="Le compte doit exister."
    )
    name = forms.CharField(label="Prénom et nom", max_length=120)
    role = forms.ChoiceField(label="Rôle", choices=[("", "—"), *ROLES_OF_PEOPLE])
    network = NamedChoice(label="Réseau", required=False, help_text="Pour une tête de réseau.")
    region = NamedChoice(
        label="Région",
        required=False,
        help_text=(
            "Pour tous les rôles, sauf la DGEFP, l’audit et l’administration. Sans Région, une "
            "tête de réseau suit ses structures dans toutes."
        ),
    )
    search = forms.CharField(
        label="Chercher une structure",
        required=False,
        max_length=80,
        help_text="Nom ou Siret, dans la Région choisie. Validez par « Chercher ».",
    )
    site = SiteChoice(
        label="Lieu d’accueil",
        queryset=Site.objects.none(),
        empty_label="—",
        to_field_name="public_id",
        required=False,
        help_text="Pour le conseil, l’accueil et la direction de structure.",
    )
    starts_on = day_field("À partir du")
    ends_on = day_field("Fin le", required=False, help_text="Premier jour sans habilitation.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.today = periods.today()
        names = {r.code: r.name for r in queries.regions_on(self.today)}
        self.fields["region"].offer(Region.objects.order_by("code"), names)
        self.fields["network"].offer(
            Network.objects.order_by("position"), queries.network_names(self.today)
        )
        self.sites_left_out = 0
        self._narrow_sites(names)

    def _narrow_sites(self, names: dict[str, str]) -> None:
        code, text = self["region"].value(), self["search"].value() or ""
        if str(code) not in names:
            return
        found = queries.sites_found(text, code, self.today)
        shown = [site.pk for site in found[:MOST_SITES]]
        self.sites_left_out = max(0, found.count() - MOST_SITES)
        self.fields["site"].queryset = found.filter(pk__in=shown)

    def clean_email(self) -> User:
        user = User.objects.filter(email=self.cleaned_data["email"].strip().lower()).first()
        if user is None:
            raise forms.ValidationError("Aucun compte n’a cette adresse. Créez-le d’abord.")
        return user

    def clean(self) -> dict:
        values = super().clean()
        role = values.get("role")
        if role not in Membership.OF_NETWORKS:  # whose Region narrows, and may be left out
            wants_region = role in Membership.REGIONAL | Membership.LOCAL
            self._hold("region", wants_region, "Choisissez la Région de ce rôle.")
        wants_network, wants_site = role in Membership.OF_NETWORKS, role in Membership.LOCAL
        self._hold(
            "network", wants_network, "Choisissez le réseau dont cette personne est la tête."
        )
        self._hold("site", wants_site, "Cherchez la structure, puis choisissez le lieu d’accueil.")
        starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", "La fin d’une habilitation suit son début.")
        return values

    def _hold(self, field: str, is_wanted: bool, sentence: str) -> None:
        if field in self.errors:
            return
        if not is_wanted:
            self.cleaned_data[field] = None
        elif not self.cleaned_data.get(field):
            self.add_error(field, sentence)


class ProgramForm(forms.Form):
    """A program reads one Region; the address is that of who answers for it."""

    name = forms.CharField(
        label="Nom du logiciel", max_length=120, help_text="Ce qu’il est et à qui : « SI de … »."
    )
    email = forms.EmailField(
        label="Adresse du contact technique",
        max_length=254,
        help_text=(
            "Une adresse de service, qui n’est celle du compte de personne. Aucun mot de passe "
            "n’y est envoyé : le logiciel montre un jeton."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    region = NamedChoice(label="Région", help_text="Le logiciel lit ce que lit sa coordination.")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        names = {r.code: r.name for r in queries.regions_on(periods.today())}
        self.fields["region"].offer(Region.objects.order_by("code"), names)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class TokenForm(forms.Form):
    label = forms.CharField(
        label="Usage", max_length=80, help_text="Ce que fait le logiciel avec ce jeton."
    )
    expires_on = day_field(
        "Expire le", help_text="Le jeton est refusé dès ce jour ; dans 400 jours au plus."
    )


class MembershipFilters(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label="Personne, adresse, structure ou Siret", method="in_any", max_length=80
    )
    role = django_filters.ChoiceFilter(
        label="Rôle", empty_label="tous", choices=Membership.Role.choices
    )
    network = django_filters.ChoiceFilter(label="Réseau", empty_label="tous", choices=list)
    state = django_filters.ChoiceFilter(
        label="État",
        method="of_state",
        empty_label=None,
        null_label=None,
        choices=[("all", "toutes"), ("current", "en cours"), ("ended", "finies")],
    )

    class Meta:
        model = Membership
        fields = ["q", "role", "network", "state"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        names = queries.network_names(periods.today())
        self.filters["network"].extra["choices"] = list(names.items())

    def in_any(self, rows, name, text):
        return rows.filter(pk__in=queries.memberships_found(text, periods.today()).values("pk"))

    def of_state(self, rows, name, state):
        today = periods.today()
        if state == "current":
            return rows.filter(queries.in_force(today))
        return rows.filter(ends_on__lte=today) if state == "ended" else rows


class AuditFilters(django_filters.FilterSet):
    action = django_filters.ChoiceFilter(label="Action", empty_label="toutes", choices=list)
    territory = django_filters.ChoiceFilter(label="Territoire", empty_label="tous", choices=list)

    class Meta:
        model = AuditEvent
        fields = ["action", "territory"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        names = queries.territory_names(periods.today())
        self.filters["action"].extra["choices"] = sorted(
            ((action, action_words(action)) for action in queries.audited_actions()),
            key=lambda choice: choice[1],
        )
        self.filters["territory"].extra["choices"] = list(names.items())


class AccessFilters(django_filters.FilterSet):
    page_read = django_filters.ChoiceFilter(
        field_name="page", label="Page", empty_label="toutes", choices=list
    )
    territory = django_filters.ChoiceFilter(label="Territoire", empty_label="tous", choices=list)
    by = django_filters.CharFilter(
        label="Adresse du compte", field_name="by__email", lookup_expr="icontains", max_length=80
    )

    class Meta:
        model = AccessEvent
        fields = ["page_read", "territory", "by"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        names = queries.territory_names(periods.today())
        self.filters["page_read"].extra["choices"] = list(PAGES.items())
        self.filters["territory"].extra["choices"] = list(names.items())
