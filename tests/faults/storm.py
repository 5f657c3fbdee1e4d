"""Many advisers who save at once, and who send again what was not answered."""

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException

from django.db import connections

from beneficiaries.contact_codes import form_fingerprint
from beneficiaries.models import ContactForms, ContactTally
from regions.queries import every_structure, national_regions
from sprocep import tenancy
from tests.faults.browser import Answer, Browser, Fields, typed
from tests.faults.stage import Stage
from tests.faults.tally import Count

PAGE = "/accueil-anonyme/"
CLIENTS = 50
SECONDS_TO_BE_STORED = 120
CHOICES = {"theme": "T01", "audience": "P04", "result": "R01"}


def everywhere():
    return tenancy.scope(regions=national_regions(), structures=every_structure())


def logged_contacts() -> int:
    return sum(ContactTally.objects.values_list("total", flat=True))


@dataclass
class Storm:
    """What was acknowledged, and what else was answered meanwhile."""

    people: list[tuple[Browser, Fields]]
    forms_each: int
    logged_before: int
    acknowledged: list[uuid.UUID] = field(default_factory=list)
    interrupted: list[Answer] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    sent: list[uuid.UUID] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, stage: Stage, site: str, *, forms_each: int) -> "Storm":
        advisers = [stage.browser_of("adviser", site, rank) for rank in range(3)]
        forms = [adviser.get(PAGE).form()[1] for adviser in advisers]
        tabs = [(advisers[n % 3].again(), forms[n % 3]) for n in range(CLIENTS)]
        with everywhere():
            return cls(tabs, forms_each, logged_contacts())

    def blow(self, disturb: Callable[["Storm"], None]) -> None:
        """All send at once; `disturb` runs meanwhile, in this thread."""
        with ThreadPoolExecutor(CLIENTS) as pool:
            saving = [pool.submit(self._save_all, *person) for person in self.people]
            disturb(self)
            for one in saving:
                one.result()
        connections.close_all()  # our own were disturbed too

    @property
    def expected(self) -> int:
        return len(self.people) * self.forms_each

    def _save_all(self, browser: Browser, fields: Fields) -> None:
        for _ in range(self.forms_each):
            key = uuid.uuid4()
            with self._lock:
                self.sent.append(key)
            self._save(browser, key, typed(fields, key=str(key), **CHOICES))

    def _save(self, browser: Browser, key: uuid.UUID, fields: Fields) -> None:
        """Send until it is stored: a 503 page holds what was typed, and is sent from there."""
        deadline = time.monotonic() + SECONDS_TO_BE_STORED
        while time.monotonic() < deadline:
            try:
                answer = browser.post(PAGE, fields)
            except (OSError, HTTPException) as error:
                self._note(self.strange, f"{type(error).__name__}: {error}")
                continue
            if answer.status == 201:
                self._note(self.acknowledged, key)
                return
            if answer.status != 503:
                self._note(self.strange, f"{answer.status} {answer.text[:1500]}")
                return
            self._note(self.interrupted, answer)
            _, kept = answer.form(PAGE)
            if sorted(kept) != sorted(fields):
                self._note(self.strange, "what was typed is not in the page")
            time.sleep(0.5)

    def _note(self, where: list, what: object) -> None:
        with self._lock:
            where.append(what)

    def judge(self, count: Count) -> None:
        """Each acknowledged form is noted and counted once, and nothing else is."""
        print(Counter(answer.status for answer in self.interrupted), Counter(self.strange))
        with everywhere():
            noted = {form for row in ContactForms.objects.all() for form in row.fingerprints}
            counted = logged_contacts() - self.logged_before
        stored = {key for key in self.sent if form_fingerprint(key) in noted}
        count.lost += len(set(self.acknowledged) - stored)
        count.lost += self.expected - len(self.acknowledged)
        count.doubled += abs(counted - len(stored))
        count.wrong += len(self.strange) + len(stored - set(self.acknowledged))
        for answer in self.interrupted:
            count.wrong += not is_french_and_bare(answer)


def is_french_and_bare(answer: Answer) -> bool:
    """The page says what to do, and nothing of the inside."""
    inside = ("Traceback", "psycopg", "OperationalError", "SELECT", "sprocep_", "/work/")
    return "Renvoyer ma saisie" in answer.text and not any(word in answer.body for word in inside)
