"""What people type, as they type it: numbers that are refused, days, phones, communes, names."""

import importlib
import pkgutil
import re
from datetime import date

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

import beneficiaries.forms as forms_of_files
from beneficiaries import actions
from beneficiaries.forms.fields import (
    BirthDayField,
    CommuneCodeField,
    CommuneField,
    EuroField,
    InstantField,
    NoteField,
    PersonCodeField,
    PhoneField,
    PlainField,
    TypedDayField,
)
from beneficiaries.models import Beneficiary, Draft
from beneficiaries.nir import NIR_REFUSED, holds_nir
from beneficiaries.queries import SearchedPerson, names_apart, persons_found
from regions.middleware import scope_of
from regions.models import Commune
from regions.queries import commune_key
from sprocep import periods
from sprocep.errors import ActionRefused, french
from sprocep.settings import BASE_DIR
from tests import factories

# Woman born in January 1985 in Marseille: her key is 68, and in Corsica another.
NUMBER, KEY = "2850113055084", "68"
WRITTEN = [
    NUMBER + KEY,
    "2 85 01 13 055 084 68",
    "2.85.01.13.055.084.68",
    "2-85-01-13-055-084-68",
    "2/85/01/13/055/084/68",
    "2_85_01_13_055_084_68",
    NUMBER,
    "2 85 01 13 055 084",
    "28 501 13055 084 68",
    "2 8 5 0 1 1 3 0 5 5 0 8 4 6 8",
    "２８５０１１３０５５０８４６８",
    "٢٨٥٠١١٣٠٥٥٠٨٤",
    "2\u00a085\u202f01 13\u200b055\u00ad084",
    f"{NUMBER} clé {KEY}",
    "2 85 01 2A 055 084",
    "2 85 01 2b 055 084",
]
OTHERS = [
    "06 12 34 56 78 et 07 98 76 54 32",
    "Siret 782 567 890 00012",
    "Siret 28501130550841",
    "du 12/03/1985 au 12/04/1985",
    "1 250 € + 1 300 € = 2 550 €",
    "FR76 3000 4000 0300 0012 3456 789",
    "2 85 01 13 055 084 16",
    "2 ans, 85 jours, 1 mois",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_a_social_security_number_is_known_however_it_is_written(text):
    assert holds_nir(text)
    assert holds_nir(f"Son numéro : {text}, à vérifier.")


@pytest.mark.parametrize("text", OTHERS)
def test_other_numbers_are_not_one(text):
    assert not holds_nir(text)


def text_fields() -> dict[str, forms.Field]:
    """Every field of these forms that takes free text."""
    names = [one.name for one in pkgutil.iter_modules(forms_of_files.__path__)]
    modules = [importlib.import_module(f"beneficiaries.forms.{name}") for name in names]
    coded = (
        forms.EmailField, forms.UUIDField, CommuneField, CommuneCodeField, EuroField, InstantField,
        PersonCodeField, PhoneField, forms.URLField, forms.FileField,
    )  # fmt: skip
    found = {}
    for module in modules:
        for form in vars(module).values():
            if isinstance(form, type) and issubclass(form, forms.BaseForm):
                for name, field in form.base_fields.items():
                    is_hidden = isinstance(field.widget, forms.HiddenInput)
                    is_text = isinstance(field, forms.CharField) and not isinstance(field, coded)
                    if is_text and not is_hidden:
                        found[f"{form.__name__}.{name}"] = field
    return found


# What is looked for is stored nowhere; names that a direction gives to a program or to a view.
NOT_STORED = {
    "JourneyFilter.q",
    "ViewForm.name",
    "SoftwareForm.name",
    "FactorForm.digits",
    "WebhookForm.url",
}


def test_every_free_text_of_a_file_refuses_such_a_number_and_what_is_not_seen():
    fields = text_fields()
    assert len(fields) > 20
    loose = {name for name, field in fields.items() if not isinstance(field, PlainField)}
    assert loose <= NOT_STORED
    for name in fields.keys() - NOT_STORED:
        with pytest.raises(ValidationError, match="sécurité sociale"):
            fields[name].clean(f"x {NUMBER}")
        assert fields[name].clean("Ine\u0300s \u202eDurand\u200b") == "Ine\u0300s Durand"


@pytest.mark.django_db
def test_a_draft_that_holds_such_a_number_is_not_kept(logged_in, world):
    adviser = world["adviser marseille"]
    browser = logged_in(adviser)
    key = "3f0e2a52-7f3d-4c53-9c55-1f1f1f1f1f1f"
    address = "/parcours/nouvel-entretien/brouillon/"
    for text in WRITTEN:
        refused = browser.post(address, {"key": key, "note": f"x {text}"})
        assert refused.status_code == 409
        assert "sécurité sociale" in refused.content.decode()
        assert text not in refused.content.decode()
    assert browser.post(address, {"key": key, "note": text, "later": "1"}).status_code == 409
    with scope_of(adviser, read_only=False):
        assert not Draft.objects.exists()
        with pytest.raises(ActionRefused, match="sécurité sociale"):
            actions.keep_draft(membership=adviser, key=key, typed=f"note={NUMBER}")
    assert browser.post(address, {"key": key, "note": "Son dossier"}).status_code == 200
    with scope_of(adviser, read_only=True):
        assert Draft.objects.count() == 1


@pytest.mark.django_db
def test_postgresql_knows_it_too_and_refuses_it_whoever_writes(world):
    adviser = world["adviser marseille"]
    with connection.cursor() as cursor:
        for text in (*WRITTEN, *OTHERS):
            cursor.execute("SELECT holds_nir(%s)", [f"x {text}."])
            assert cursor.fetchone()[0] is holds_nir(text), text
    with scope_of(adviser, read_only=False):
        person = factories.beneficiary(adviser)
        session = factories.journey(adviser, of=person).sessions.get()
        for row, name in ((person, "note"), (person, "first_name"), (session, "note")):
            kept = type(row).objects.filter(pk=row.pk)
            with pytest.raises(IntegrityError) as refused, transaction.atomic():
                kept.update(**{name: WRITTEN[1]})
            assert french(refused.value) == NIR_REFUSED
            assert kept.update(**{name: OTHERS[0]}) == 1


# ── Days, phones, communes ───────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/03/1985", date(1985, 3, 12)),
        ("120385", date(1985, 3, 12)),
        ("12/3/85", date(1985, 3, 12)),
        ("12031985", date(1985, 3, 12)),
        ("12.3.05", date(2005, 3, 12)),
        ("1985-03-12", date(1985, 3, 12)),
    ],
)
def test_a_birth_is_read_as_it_is_typed(text, day):
    assert BirthDayField().clean(text) == day
    assert SearchedPerson.read(f"Durand {text}").birth_date == day or "-" in text


def test_a_birth_is_neither_to_come_nor_of_another_age():
    tomorrow = periods.days_after(periods.today(), 1)
    for text in (f"{tomorrow:%d/%m/%Y}", "12/03/0385", "31/02/1985", "le 12 mars"):
        with pytest.raises(ValidationError):
            BirthDayField().clean(text)
    short = BirthDayField().clean(f"{tomorrow:%d/%m/%y}")
    assert short == tomorrow.replace(year=tomorrow.year - 100)
    assert TypedDayField().clean(f"{tomorrow:%d/%m/%y}") == tomorrow


@pytest.mark.parametrize(
    "text",
    ["06 12 34 56 78", "0612345678", "+33 6 12 34 56 78", "0033612345678", "+32 470 12 34 56"],
)
def test_a_whole_phone_number_is_taken(text):
    assert PhoneField(label="x").clean(text) == text


@pytest.mark.parametrize(
    "text", ["06 12 34 56 7", "061234567", "+33 6 12 34 56", "12 34", "06123456789"]
)
def test_a_phone_number_that_lacks_a_digit_is_refused(text):
    with pytest.raises(ValidationError, match="dix chiffres"):
        PhoneField(label="x").clean(text)


@pytest.mark.django_db
def test_communes_as_people_type_them():
    for text in ("Paris 15", "paris 15e", "Paris 1er arrondissement", "75056 "):
        if text.strip().isdigit():
            continue
        assert CommuneField().clean(text).pk == "75056"
    saint = Commune.objects.filter(sort_key__startswith="SAINT ").order_by("pk").first()
    typed = re.sub("^SAINT", "st", commune_key(saint.name)).lower()
    assert CommuneField().clean(f"{typed} ({saint.department_id})") == saint


# ── Names ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("D’Artagnan Anne", ("D’Artagnan", "Anne")),
        ("d’artagnan anne", ("D’Artagnan", "Anne")),
        ("de la Fontaine Marie", ("de la Fontaine", "Marie")),
        ("DE LA FONTAINE Marie-Lou", ("de la Fontaine", "Marie-Lou")),
        ("Marie DE LA FONTAINE", ("de la Fontaine", "Marie")),
        ("Marie Le Goff", ("Le Goff", "Marie")),
        ("durand alix 12/3/85", ("Durand", "Alix")),
        ("Durand", ("Durand", "")),
        ("le goff", ("Le Goff", "")),
        ("12/03/1985", ("", "")),
    ],
)
def test_a_name_that_was_searched_is_cut_where_it_should(text, names):
    assert names_apart(text) == names


@pytest.mark.django_db
def test_one_typo_in_a_compound_name_alone_finds_its_person(world):
    adviser = world["adviser marseille"]
    with scope_of(adviser, read_only=False):
        known = factories.beneficiary(
            adviser, last_name="Lefèvre-Durand", first_name="Anne", sort_key="LEFEVREDURAND ANNE"
        )
        factories.beneficiary(adviser, last_name="Lopez", first_name="Ana", sort_key="LOPEZ ANA")
        for text in ("Lefevre-Durant", "Lefevre Durant", "lefebvre-durand"):
            assert persons_found(adviser.structure_id, ["93"], text) == [known], text


@pytest.mark.django_db
def test_the_note_of_a_first_session_stays_out_of_her_file(logged_in, world):
    adviser = world["adviser marseille"]
    long = "Projet à préciser. " * 40
    page = logged_in(adviser).post(
        "/parcours/nouvel-entretien/",
        {
            "person": "new", "last_name": "Kanarivogel", "first_name": "Inès", "sex": "NR",
            "main_reason": "M05", "situation": "NR", "contract_type": "K99",
            "education_level": "NR", "socio_professional_category": "NR", "sector": "NR",
            "held_on": periods.today().isoformat(), "channel": "PRE", "main_service": "S07",
            "site": str(adviser.site.public_id), "note": long,
        },
    )  # fmt: skip
    assert page.status_code == 302
    with scope_of(adviser, read_only=True):
        person = Beneficiary.objects.get(last_name="Kanarivogel")
        assert person.note == ""
        assert person.journeys.get().sessions.get().note == long.strip()


# ── Shared desks ─────────────────────────────────────────────────────────────────────────────


def test_no_form_about_a_person_offers_what_was_typed_about_another():
    pages = [
        *(BASE_DIR / "templates/beneficiaries").glob("*.html"),
        BASE_DIR / "templates/form_page.html",
    ]
    typed = [
        (page.name, form)
        for page in pages
        for form in re.findall(r"<form\b[^>]*?>", page.read_text(), re.DOTALL)
        if "novalidate" in form and 'method="post"' in form
    ]
    assert len(typed) > 10
    assert [name for name, form in typed if 'autocomplete="off"' not in form] == []


def test_a_long_text_is_not_cut_as_it_is_pasted():
    """Neither by the browser, which would say nothing of it, nor by the form."""

    class Noting(forms.Form):
        note = NoteField(max_length=1000)

    assert "<textarea" in str(Noting()["note"])
    assert "maxlength" not in str(Noting()["note"])
    assert Noting({"note": "x" * 1000}).is_valid()
    assert "1000" in str(Noting({"note": "x" * 1001}).errors)
