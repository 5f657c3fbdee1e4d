"""The national code lists that these screens offer, all of them in one query."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Cast

from operators.models import NOMENCLATURES
from sprocep.memory import remembered

# As figures name them, but for one that these screens call shorter.
_LISTS = {
    "result" if name == "steering_result" else name: model for name, model in NOMENCLATURES.items()
}
# What a code says beside its label: the level of a service, the rank of a level, the funder of a
# right, remote or not.
_EXTRA = {
    "channel": F("is_remote"),
    "funding_right": F("funder"),
    "level": F("rank"),
    "service": F("level__rank"),
}


@dataclass(frozen=True)
class CodeLists:
    """Labels by list and code, in their order, in force on `day`."""

    day: date
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    extra: dict[tuple[str, str], str] = field(default_factory=dict)

    def choices(self, name: str) -> list[tuple[str, str]]:
        return list(self.labels[name].items())

    def label(self, name: str, code: str) -> str:
        return self.labels[name].get(code, code)

    def has(self, name: str, code: str) -> bool:
        return code in self.labels[name]

    def rank(self, level: str) -> int:
        return int(self.extra["level", level])

    def rank_of_service(self, service: str) -> int:
        return int(self.extra["service", service])

    def is_remote(self, channel: str) -> bool:
        return self.extra["channel", channel] == "true"

    def level_of(self, services: list[str] | tuple[str, ...], raised: str = "") -> str:
        """The highest level of these services, or the one it was raised to by hand."""
        ranks = [self.rank_of_service(service) for service in services]
        if raised:
            ranks.append(self.rank(raised))
        return next(code for code in self.labels["level"] if self.rank(code) == max(ranks))

    def rights_by_funder(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Rights under the name of their funder, as grouped choices."""
        of = {code: self.extra["funding_right", code] for code in self.labels["funding_right"]}
        return [
            (name, [pair for pair in self.choices("funding_right") if of[pair[0]] == funder])
            for funder, name in self.choices("funder")
            if funder in of.values()
        ]

    def levels_up_to(self, rank: int) -> list[tuple[str, str]]:
        return [pair for pair in self.choices("level") if self.rank(pair[0]) <= rank]

    def services_by_level(self, rank: int) -> list[tuple[str, list[tuple[str, str]]]]:
        """Services up to this rank under the words of their level, as grouped choices."""
        return [
            (
                f"niveau {self.rank(level)} · {label[:1].lower()}{label[1:]}",
                [
                    pair
                    for pair in self.choices("service")
                    if self.rank_of_service(pair[0]) == self.rank(level)
                ],
            )
            for level, label in self.levels_up_to(rank)
        ]


@remembered
def code_lists(day: date) -> CodeLists:
    """All codes in force on this day."""
    found = CodeLists(day, {name: {} for name in _LISTS})
    for row in _every_code():
        if row.starts_on <= day and (row.ends_on is None or row.ends_on > day):
            found.labels[row.list_name][row.code] = row.label
            found.extra[row.list_name, row.code] = row.extra
    return found


def label(name: str, code: str | None) -> str:
    """Words of a code that a row bears, in force today or not; nothing for no code."""
    return _labels()[name, code] if code else ""


@remembered
def _labels() -> dict[tuple[str, str], str]:
    return {(row.list_name, row.code): row.label for row in _every_code()}


@remembered
def _every_code() -> list:
    """Codes of all lists and all times, in their order."""
    rows = [_rows(name) for name in _LISTS]
    return list(rows[0].union(*rows[1:], all=True).order_by("list_name", "position", "code"))


def _rows(name: str) -> QuerySet:
    extra = Cast(_EXTRA.get(name, Value("")), CharField())
    columns = ("list_name", "position", "code", "label", "extra", "starts_on", "ends_on")
    return (
        _LISTS[name]
        .objects.order_by()
        .annotate(list_name=Value(name), extra=extra)
        .values_list(*columns, named=True)
    )
