"""Pièces of a financing plan: what they are, who reads them, what PostgreSQL refuses. Each refusal
shows, in the same test, what passes."""

import hashlib
import re
import uuid
from contextlib import contextmanager
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from beneficiaries import actions, queries
from beneficiaries.entries import Cost, Paper
from beneficiaries.models import MOST_BYTES, FinancingPlan, PlanEvent, PlanPaper
from regions.middleware import scope_of
from regions.models import AccessEvent, AuditEvent
from sprocep import periods, tenancy
from sprocep.errors import ActionRefused, french
from tests import factories

pytestmark = pytest.mark.django_db(databases=["default", "owner"])
PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
LOCKED = PDF + b"trailer\n<< /Root 1 0 R /Encrypt 2 0 R >>\n"
NIR = "2 85 03 13 055 123 61"


@pytest.fixture
def adviser(world):
    return world["adviser marseille"]


@pytest.fixture
def browser(logged_in, adviser):
    return logged_in(adviser)


@pytest.fixture
def journey(adviser):
    with scope_of(adviser, read_only=False):
        return factories.journey(adviser, level="N3", service="S12")


@pytest.fixture
def plan(adviser, journey):
    with scope_of(adviser, read_only=False):
        return factories.financing_plan(adviser, journey)


@pytest.fixture
def address(journey) -> str:
    return f"/parcours/{journey.public_id}/plan-de-financement/"


def who(adviser) -> dict:
    return {"by": adviser.user, "membership": adviser}


def named(name: str, content: bytes = PDF, kind: str = "application/pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def typed(file: SimpleUploadedFile | None = None, **changes) -> dict:
    known = {"key": str(uuid.uuid4()), "label": "Devis du Greta", "line": ""}
    return known | {"file": file or named("devis.pdf")} | changes


def papers_of(adviser) -> list[PlanPaper]:
    with scope_of(adviser, read_only=True):
        return list(PlanPaper.objects.order_by("pk"))


def text_of(page) -> str:
    words = unescape(re.sub(r"<[^>]+>", " ", page.content.decode()))
    return " ".join(words.split())


def said(page) -> list[str]:
    return [
        unescape(" ".join(text.split()))
        for text in re.findall(r'<a href="#[^"]*">([^<]*)</a>', page.content.decode())
    ]


@contextmanager
def refused(sentence: str):
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert french(caught.value).startswith(sentence)


def sql(statement: str, *values) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


# ── From the form to the file ────────────────────────────────────────────────────────────────


def test_joined_listed_downloaded_and_taken_back(browser, adviser, address):
    assert "Pièces" not in text_of(browser.get(address))
    assert browser.post(f"{address}piece/", typed()).status_code == 302
    (stored,) = papers_of(adviser)
    assert (stored.kind, stored.size, bytes(stored.content)) == ("pdf", len(PDF), PDF)
    page = text_of(browser.get(address))
    assert "Télécharger Devis du Greta PDF" in page
    assert f"Pièce jointe — Devis du Greta (PDF, {len(PDF)}" in page
    url = f"/pieces/{stored.public_id}/"
    answer = browser.get(url)
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'attachment; filename="devis-du-greta.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store"
    told = text_of(browser.post(f"{url}retrait/", follow=True))
    assert "son contenu est effacé" in told
    assert "Pièce retirée — Devis du Greta" in told
    assert browser.get(url).status_code == 404
    (gone,) = papers_of(adviser)
    assert (gone.is_withdrawn, gone.content) == (True, None)
    assert browser.post(f"{address}piece/", typed()).status_code == 302  # by mistake, and again


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [(PDF, "application/pdf", "pdf"), (JPEG, "image/jpeg", "jpg"), (PNG, "image/png", "png")],
)
def test_its_bytes_say_what_it_is(browser, adviser, address, content, kind, ending):
    page = named("../../etc/page.html", content, "text/html")
    assert browser.post(f"{address}piece/", typed(page, label="…")).status_code == 302
    (stored,) = papers_of(adviser)
    answer = browser.get(f"/pieces/{stored.public_id}/")
    assert (answer["Content-Type"], answer.content) == (kind, content)
    assert answer["Content-Disposition"] == f'attachment; filename="piece.{ending}"'


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (named("vide.pdf", b""), "Ce fichier est vide."),
        (named("devis.pdf", b"<html><script>1</script>"), "ni un PDF, ni une image"),
        (named("devis.pdf", b" %PDF-1.7"), "ni un PDF, ni une image"),
        (named("devis.pdf", b"PK\x03\x04"), "ni un PDF, ni une image"),
        (named("devis.pdf", LOCKED), "protégé par un mot de passe"),
        (named("devis.pdf", PDF + bytes(MOST_BYTES)), "dépasse 4 Mo"),
        (named(f"devis_{NIR.replace(' ', '_')}.pdf"), "Le nom de ce fichier contient un numéro"),
    ],
    ids=["empty", "page", "late", "archive", "locked", "large", "nir"],
)
def test_a_wrong_file_says_what_to_do_and_keeps_what_was_typed(
    browser, adviser, address, file, sentence
):
    page = browser.post(f"{address}piece/", typed(file))
    assert [sentence in one for one in said(page)] == [True]
    assert 'value="Devis du Greta"' in page.content.decode()
    assert NIR.replace(" ", "_") not in page.content.decode()
    assert papers_of(adviser) == []
    largest = named("devis.pdf", PDF + bytes(MOST_BYTES - len(PDF)))
    assert browser.post(f"{address}piece/", typed(largest)).status_code == 302


def test_the_action_judges_by_the_bytes_too(adviser, journey):
    with scope_of(adviser, read_only=False):
        for content in (b"", b"GIF89a", LOCKED, PDF + bytes(MOST_BYTES)):
            wrong = Paper(label="Devis", content=content)
            with pytest.raises(ActionRefused, match=r"fichier|PDF"):
                actions.add_paper(**who(adviser), journey=journey, paper=wrong)
        right = Paper(label="Devis", content=PDF)
        assert actions.add_paper(**who(adviser), journey=journey, paper=right).kind == "pdf"
        assert AuditEvent.objects.filter(action="add_paper").count() == 1


@pytest.mark.parametrize(
    ("label", "sentence"),
    [("", "Dites ce qu’est cette pièce"), (NIR, "numéro de sécurité sociale")],
)
def test_a_wrong_label_asks_for_the_file_again(browser, adviser, address, label, sentence):
    page = browser.post(f"{address}piece/", typed(label=label))
    first, second = said(page)
    assert sentence in first
    assert second.endswith("Choisissez à nouveau le fichier : la page ne le garde pas.")
    assert papers_of(adviser) == []
    assert browser.post(f"{address}piece/", typed()).status_code == 302


def test_without_a_file_it_is_asked(browser, adviser, address):
    page = browser.post(f"{address}piece/", typed() | {"file": ""})
    assert any("Choisissez le fichier à joindre." in one for one in said(page))
    assert 'enctype="multipart/form-data"' in page.content.decode()
    assert papers_of(adviser) == []


def test_sent_twice_it_is_there_once(browser, adviser, address):
    sent = typed()
    for _ in range(2):
        sent["file"].seek(0)
        assert browser.post(f"{address}piece/", sent).status_code == 302
    again = browser.post(f"{address}piece/", typed(label="Le même, d’un autre nom"))
    assert "Ce fichier est déjà joint à ce plan" in text_of(again)
    assert len(papers_of(adviser)) == 1
    assert browser.post(f"{address}piece/", typed(named("a.png", PNG))).status_code == 302


def test_it_is_of_a_line_of_its_plan(browser, adviser, plan, address):
    with scope_of(adviser, read_only=False):
        cost = factories.plan_cost(plan, 4000, label="CAP cuisine")
        funding = factories.plan_funding(plan, 3000)
        other = factories.financing_plan(
            adviser, factories.journey(adviser, level="N3", service="S12")
        )
        foreign = factories.plan_cost(other, 10)
    assert "Coût pédagogique, CAP cuisine" in text_of(browser.get(f"{address}piece/"))
    refused = browser.post(f"{address}piece/", typed(line=str(foreign.public_id)))
    assert any("n’est plus dans le plan" in one for one in said(refused))
    for line, content in ((cost, PDF), (funding, PNG)):
        sent = typed(named("x", content), line=str(line.public_id))
        assert browser.post(f"{address}piece/", sent).status_code == 302
    held = [(one.cost_id, one.funding_id) for one in papers_of(adviser)]
    assert held == [(cost.pk, None), (None, funding.pk)]
    assert text_of(browser.get(address)).count("· Coût pédagogique, CAP cuisine : 4") == 1


def test_a_closed_plan_refuses_and_still_shows(browser, adviser, plan, address):
    with scope_of(adviser, read_only=False):
        factories.plan_cost(plan, 10)
        stored = factories.plan_paper(plan)
        FinancingPlan.objects.filter(pk=plan.pk).update(
            closed_on=periods.today(), gap_explained="Aide en nature."
        )
    assert "Joindre une pièce" not in text_of(browser.get(address))
    refused = browser.post(f"{address}piece/", typed())
    assert "Reprenez-le pour changer une ligne ou une pièce" in text_of(refused)
    told = browser.post(f"/pieces/{stored.public_id}/retrait/", follow=True)
    assert "Reprenez-le" in text_of(told)
    assert browser.get(f"/pieces/{stored.public_id}/").status_code == 200
    browser.post(f"{address}reprise/")
    assert browser.post(f"{address}piece/", typed()).status_code == 302


# ── Who reads it ─────────────────────────────────────────────────────────────────────────────


def test_reading_one_leaves_its_trace(browser, adviser, plan):
    with scope_of(adviser, read_only=False):
        stored = factories.plan_paper(plan)
    assert browser.get(f"/pieces/{stored.public_id}/").status_code == 200
    with tenancy.scope(regions=["93"], read_only=True):
        read = AccessEvent.objects.get(by=adviser.user_id, page="nominal:plan_paper")
    assert read.object_id == str(stored.public_id)


def test_strangers_find_nothing_and_the_desk_has_no_right(world, logged_in, browser, adviser, plan):
    with scope_of(adviser, read_only=False):
        stored = factories.plan_paper(plan)
    url = f"/pieces/{stored.public_id}/"
    assert browser.get(url).status_code == 200
    for stranger in ("adviser aix", "adviser paris", "regional_coordinator 93", "dgefp_officer"):
        theirs = logged_in(world[stranger])
        assert theirs.get(url).status_code == 404
        assert theirs.post(f"{url}retrait/").status_code == 404
        with scope_of(world[stranger], read_only=True):
            assert not PlanPaper.objects.exists()
    assert logged_in(world["level1_receptionist marseille"]).get(url).status_code == 403
    assert bytes(papers_of(adviser)[0].content) == factories.PAPER


def test_the_list_reads_no_content(adviser, plan):
    with scope_of(adviser, read_only=False):
        factories.plan_paper(plan)
        (one,) = queries.plan_papers(plan)
        assert one.get_deferred_fields() == {"content"}
        assert bytes(one.content) == factories.PAPER


# ── What PostgreSQL refuses ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "html"}, "Une pièce est un PDF"),
        ({"size": 0}, "Une pièce fait 4 Mo au plus"),
        ({"size": 1}, "Cette pièce est arrivée abîmée."),
        ({"digest": b"x" * 32}, "Cette pièce est arrivée abîmée."),
        ({"is_withdrawn": True}, "Une pièce retirée n’a plus de contenu"),
        ({"content": None, "is_withdrawn": False}, "Une pièce retirée n’a plus de contenu"),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_a_wrong_paper_is_refused(adviser, plan, changes, sentence):
    with scope_of(adviser, read_only=False):
        with refused(sentence):
            factories.plan_paper(plan, **changes)
        assert factories.plan_paper(plan).pk


def test_one_too_large_is_refused(adviser, plan):
    with scope_of(adviser, read_only=False):
        with refused("Une pièce fait 4 Mo au plus"):
            factories.plan_paper(plan, bytes(MOST_BYTES + 1))
        assert factories.plan_paper(plan, bytes(MOST_BYTES)).pk


def test_a_paper_is_never_another(adviser, plan):
    """It may only be emptied: its digest is no column that the app may write."""
    with scope_of(adviser, read_only=False):
        stored = factories.plan_paper(plan)
        with refused("Cette pièce est arrivée abîmée."):
            sql("UPDATE beneficiaries_planpaper SET content = '\\x00'")
        digest = hashlib.sha256(b"\0").digest()
        for column, value in (("digest", digest), ("label", "Accord"), ("plan_id", plan.pk)):
            with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
                sql(f"UPDATE beneficiaries_planpaper SET {column} = %s", value)
        with pytest.raises(ProgrammingError, match="denied"), transaction.atomic():
            sql("DELETE FROM beneficiaries_planpaper")
        actions.withdraw_paper(**who(adviser), line=stored)
        with pytest.raises(ActionRefused, match="n’est plus dans un plan"):
            actions.withdraw_paper(**who(adviser), line=stored)
        assert PlanPaper.objects.get().content is None


def test_the_log_keeps_that_it_was_there_and_nothing_it_held(adviser, journey):
    with scope_of(adviser, read_only=False):
        paper = Paper(label="Devis", content=PDF)
        stored = actions.add_paper(**who(adviser), journey=journey, paper=paper)
        actions.withdraw_paper(**who(adviser), line=stored)
        events = list(PlanEvent.objects.filter(act__in=["joined", "removed"]).order_by("pk"))
        assert [(one.act, one.by_id) for one in events] == [
            ("joined", adviser.pk),
            ("removed", adviser.pk),
        ]
        for event in events:
            assert event.line == {
                "public_id": str(stored.public_id), "label": "Devis", "kind": "pdf",
                "size": len(PDF), "cost_id": None, "funding_id": None,
            }  # fmt: skip


def test_a_line_of_another_plan_is_refused(adviser, plan):
    with scope_of(adviser, read_only=False):
        other = factories.financing_plan(
            adviser, factories.journey(adviser, level="N3", service="S12")
        )
        own = {"cost": factories.plan_cost(plan, 1), "funding": factories.plan_funding(plan, 1)}
        theirs = {
            "cost": factories.plan_cost(other, 1),
            "funding": factories.plan_funding(other, 1),
        }
        for name in own:
            with refused("Cette ligne n’est pas de ce plan."):
                factories.plan_paper(plan, **{name: theirs[name]})
            assert factories.plan_paper(plan, name.encode(), **{name: own[name]}).pk
        with refused("Une pièce est du plan, ou d’une seule de ses lignes."):
            factories.plan_paper(plan, b"both", **own)


def test_twenty_papers_a_plan(adviser, journey, plan):
    with scope_of(adviser, read_only=False):
        papers = [factories.plan_paper(plan, bytes([rank])) for rank in range(20)]
        with refused("Ce plan a déjà vingt pièces."):
            factories.plan_paper(plan)
        one_more = Paper(label="Devis", content=PDF)
        with pytest.raises(ActionRefused, match="déjà vingt pièces"):
            actions.add_paper(**who(adviser), journey=journey, paper=one_more)
        actions.withdraw_paper(**who(adviser), line=papers[0])
        assert actions.add_paper(**who(adviser), journey=journey, paper=one_more).pk


def test_another_structure_holds_none_of_it(world, adviser, plan):
    with scope_of(world["adviser aix"], read_only=False):
        with (
            pytest.raises(ProgrammingError, match="row-level security"),
            transaction.atomic(),
        ):
            factories.plan_paper(plan)
        with pytest.raises(ActionRefused, match="plan de votre structure"):
            actions.withdraw_paper(**who(world["adviser aix"]), line=PlanPaper(pk=1))
    with scope_of(adviser, read_only=False):
        assert factories.plan_paper(plan).pk


def test_a_journey_below_level_3_takes_none(adviser, journey):
    with scope_of(adviser, read_only=False):
        paper = Paper(label="Devis", content=PDF)
        below = factories.journey(adviser)
        with pytest.raises(ActionRefused, match="parcours de niveau 3"):
            actions.add_paper(**who(adviser), journey=below, paper=paper)
        assert actions.add_paper(**who(adviser), journey=journey, paper=paper).pk
        cost = Cost(kind="CP", amount=10)
        assert actions.add_cost(**who(adviser), journey=journey, cost=cost).pk
