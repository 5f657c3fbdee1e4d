"""What advisers, the nation and a few mistakes do in a day, over HTTP."""

import re
import time
import uuid
from dataclasses import dataclass, field
from datetime import date

import requests
from django.db import connections

from indicators.exports.formats import FORMATS
from tests import factories
from tests.operations.people import CANARIES, Canary
from tests.operations.site import Browser, Site, dump

PERIOD = "2016-T1"
HELD_ON = date(2016, 2, 10)
NEW = "/parcours/nouvel-entretien/"
SEALED = ("93", "FR")
ADDRESS = "accueil@sans-compte.example"
# What PostgreSQL says of a row that it refuses, at its worst: the row itself.
BROKEN_TRIGGER = """
CREATE FUNCTION tell_all() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'refused: %', NEW; END $$;
CREATE TRIGGER tell_all BEFORE INSERT ON beneficiaries_beneficiary
FOR EACH ROW EXECUTE FUNCTION tell_all()
"""
MENDED_TRIGGER = "DROP TRIGGER tell_all ON beneficiaries_beneficiary; DROP FUNCTION tell_all"


@dataclass
class Day:
    """Answers that show a person to who follows her, and those that must not show anybody."""

    nominal: list[requests.Response] = field(default_factory=list)
    refused: dict[str, requests.Response] = field(default_factory=dict)
    of_others: list[requests.Response] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    broker: list[bytes] = field(default_factory=list)
    fiches: list[requests.Response] = field(default_factory=list)
    weights: dict[str, dict[str, int]] = field(default_factory=dict)


def live(site: Site, world, broker: str) -> Day:
    day = Day()
    adviser = site.browser("adviser.marseille@exemple.fr", factories.PASSWORD)
    day.refused["500"] = _on_a_broken_base(adviser, _person(world, CANARIES[0]))
    journeys = [_first_session(adviser, world, canary) for canary in CANARIES]
    _look(adviser, journeys, day)
    _correct(adviser, world, journeys[:3])
    _mistakes(adviser, world, day)
    _refer(site, adviser, world, journeys, day)
    day.broker.append(dump(broker))
    public_id = journeys[0].rstrip("/").rpartition("/")[2]
    day.weights = {path: adviser.weigh(path) for path in (NEW, f"{NEW}?journey={public_id}")}
    officer = site.browser("dgefp_officer@exemple.fr", factories.PASSWORD)
    _compile(officer, day, broker)
    _others(site, journeys, day)
    return day


def _talk(world, **more) -> dict:
    return {
        "key": str(uuid.uuid4()),
        "held_on": HELD_ON.isoformat(),
        "channel": "PRE",
        "site": str(world["adviser marseille"].site.public_id),
        "main_service": "S07",
        "level": "",
        "minutes": "50",
    } | more


def _person(world, canary: Canary, **more) -> dict:
    return (
        _talk(world, person="new", note=canary.note)
        | {
            "last_name": canary.last_name,
            "first_name": canary.first_name,
            "birth_name": canary.birth_name,
            "birth_date": f"{canary.birth_date:%d/%m/%Y}",
            "sex": "F",
            "phone": canary.phone,
            "email": canary.email,
            "main_reason": "M05",
            "situation": "CDI",
            "education_level": "4",
            "socio_professional_category": "5",
            "sector": "C",
            "contract_type": "K01",
            "boeth": "NR",
        }
        | more
    )


def _first_session(adviser: Browser, world, canary: Canary) -> str:
    """The address of the journey that it opened."""
    answer = adviser.post(NEW, _person(world, canary))
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _on_a_broken_base(adviser: Browser, data: dict) -> requests.Response:
    with connections["owner"].cursor() as cursor:
        cursor.execute(BROKEN_TRIGGER)
        answer = adviser.post(NEW, data)
        cursor.execute(MENDED_TRIGGER)
    return answer


def _look(adviser: Browser, journeys: list[str], day: Day) -> None:
    """Lists, files and searches: by name, by birth date, as one types, page after page."""
    page = 1
    while (answer := adviser.get("/parcours/", state="open", referent="", page=page)).ok:
        day.nominal.append(answer)
        page += 1
        if f"page={page}" not in answer.text:
            break
    day.nominal += [adviser.get(address) for address in journeys[::10]]
    for canary in CANARIES[::20]:
        adviser.get("/parcours/", q=canary.last_name)
        adviser.get("/parcours/", q=f"{canary.birth_date:%d/%m/%Y}")
        adviser.get(f"{NEW}personnes/", q=f"{canary.last_name} {canary.first_name}")
        adviser.get(NEW, q=canary.last_name)
        adviser.get(NEW, q=canary.last_name, person="new")


def _correct(adviser: Browser, world, journeys: list[str]) -> None:
    for address, canary in zip(journeys, CANARIES, strict=False):
        public_id = address.rstrip("/").rpartition("/")[2]
        more = _talk(world, journey=public_id, held_on="2016-03-02", note=canary.note)
        assert adviser.post(NEW, more | {"next": "1"}).status_code == 302
        assert adviser.get(NEW).ok  # the message of what was saved
        person = adviser.get(address).text.partition("/beneficiaires/")[2][:36]
        file = _person(world, canary, file_note=canary.note, phone=canary.phone.replace(" ", ""))
        assert adviser.post(f"/beneficiaires/{person}/", file).status_code == 302
        closing = {"closed_on": "2016-03-09", "outcome": "OUT_NOT_REAL", "exit_situation": "CDI"}
        assert adviser.post(f"{address}cloture/", closing).status_code == 200  # not an outcome


def _mistakes(adviser: Browser, world, day: Day) -> None:
    """Forms refused, pages that do not exist, what was sent twice."""
    one, two, three = CANARIES[20], CANARIES[21], CANARIES[22]
    key = str(uuid.uuid4())
    nir = "2 85 01 13 055 084 68"
    for wrong in ({"birth_date": f"le {one.birth_date}"}, {"note": f"{one.note} {nir}"}):
        assert adviser.post(NEW, _person(world, one, **wrong)).status_code == 200
    for _ in range(2):
        adviser.post(NEW, _person(world, two, key=key))
    refused = day.refused
    refused["404"] = adviser.get(f"/parcours/{three.last_name}/", q=three.first_name)
    refused["404 of a person"] = adviser.get(NEW, person=three.last_name, q=three.email)
    refused["405"] = adviser.post("/parcours/", {"q": three.last_name})
    refused["403"] = adviser.get("/traces/", q=three.phone)
    refused["403 without its token"] = adviser.post(NEW, _person(world, three), token="0" * 32)


def _refer(site: Site, adviser: Browser, world, journeys: list[str], day: Day) -> None:
    """Fiches to a structure that has accounts, which is told of it and answers, and to one that has
    none: a link by mail, which opens the fiche; then she takes her consent back."""
    office = factories.structure("Sans compte", "13055", category="mission_locale")
    factories.spro_membership("93", office)
    factories.capacity("93", office, address=ADDRESS)
    to = (world.aix, office, office)
    sent = [
        _fiche(adviser, journey, canary, structure)
        for journey, canary, structure in zip(journeys, CANARIES, to, strict=False)
    ]
    receiver = site.browser("adviser.aix@exemple.fr", factories.PASSWORD)
    day.fiches.append(receiver.get(sent[0]))
    assert receiver.post(f"{sent[0]}accord/", {}).status_code == 302
    day.fiches.append(adviser.get(f"{sent[1]}fiche.json"))
    for link in _mailed(site, r"/lien/[^/\s]+/", 2):
        holder = Browser(site)
        closed = holder.get(link)
        day.of_others.append(closed)
        opened = holder.post(link, {}).headers["Location"]
        day.fiches.append(holder.get(opened))
        day.of_others.append(Browser(site).get(opened))
        day.refused[f"410 of {link}"] = holder.post(link, {})
    assert adviser.post(f"{sent[2]}retrait/", {}).status_code == 302
    _mailed(site, "est retirée", 1)


def _fiche(adviser: Browser, journey: str, canary: Canary, structure) -> str:
    """The address of the fiche."""
    asked = {
        "key": str(uuid.uuid4()),
        "journey": journey.rstrip("/").rpartition("/")[2],
        "department": "13",
        "level": "N2",
        "main_reason": "M05",
        "receiver": str(structure.public_id),
        "other_choice": "Elle y est connue",
        "message": canary.note,
        "consent": "on",
    }
    answer = adviser.post("/fiches/nouvelle/", asked)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _mailed(site: Site, pattern: str, count: int) -> list[str]:
    """What the mails of the worker say so, once they are all there."""
    deadline = time.monotonic() + 120
    while True:
        mails = [path.read_text() for path in (site.folder / "mail").glob("*")]
        found = [words for mail in mails for words in re.findall(pattern, mail)]
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, mails
        time.sleep(0.3)


def _compile(officer: Browser, day: Day, broker: str) -> None:
    """By the DGEFP, by a real worker; then sealed, made into files and downloaded."""
    progress = officer.post("/nation/compiler/", {"period": PERIOD}).headers["Location"]
    _wait_for_the_worker(day, broker)
    day.of_others.append(officer.get(progress))
    for territory in SEALED:
        address = f"/tableaux-de-bord/{PERIOD}/{territory}/"
        for step in ("relecture", "valider", "sceller"):
            assert officer.post(f"{address}{step}/", {}).status_code == 302
        day.of_others.append(officer.get(address))
    _wait_for_the_worker(day, broker)
    for territory in SEALED:
        for kind in FORMATS:
            address = f"/tableaux-de-bord/{PERIOD}/{territory}/{kind}/"
            answer = officer.get(address)
            assert answer.ok, address
            day.files[address] = answer.content


def _wait_for_the_worker(day: Day, broker: str) -> None:
    deadline = time.monotonic() + 600
    with connections["owner"].cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM indicators_work WHERE state <> 'done'")
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < deadline
            day.broker.append(dump(broker))
            time.sleep(0.3)


def _others(site: Site, journeys: list[str], day: Day) -> None:
    """Who follows none of them asks for everything; machines ask for the health."""
    pages = ("/", "/tableaux-de-bord/", "/nation/", "/traces/", "/habilitations/", journeys[0])
    for email in (
        "coordination.93", "auditor", "platform_administrator",
        "adviser.aix", "level1_receptionist.marseille",
    ):  # fmt: skip
        browser = site.browser(f"{email}@exemple.fr", factories.PASSWORD)
        day.of_others += [browser.get(page) for page in pages]
    anonymous = Browser(site)
    day.of_others += [anonymous.get(page) for page in ("/sante/", "/sante/prete/", *pages)]
