"""Dated changes of the national code lists and of a Region's rules, which begin or end and never
change meaning; what a structure says of its places and hours."""

from collections.abc import Iterable
from datetime import date, time

from django.db import models, transaction

from operators.models import (
    FundingHint,
    Nomenclature,
    OpeningHours,
    PlatformMember,
    Premises,
    RecruitingTrade,
    RoutingRule,
    TradeList,
)
from regions.actions import begins_a_quarter, record
from regions.models import Region, Site, Structure, User
from regions.queries import in_force, region_scope
from sprocep import memory, periods
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION


@transaction.atomic
def add_code(
    *,
    by: User,
    code_list: type[Nomenclature],
    code: str,
    label: str,
    starts_on: date,
    **features: models.Model | bool,
) -> Nomenclature:
    """A code more, from the first day of a coming quarter, at the end of its list.

    `features` are the further columns of the list: `level` of a service, `is_health` of a reason.

    Raises:
        ActionRefused: a code that the list holds or held, a day that begins no coming quarter.
    """
    begins_a_quarter(starts_on)
    if code_list.objects.filter(pk=code).exists():
        raise ActionRefused(
            f"Le code {code} existe ou a existé dans cette liste: un code ne change jamais de "
            "sens. Choisissez-en un autre."
        )
    last = code_list.objects.aggregate(last=models.Max("position"))["last"] or 0
    with refusals():
        entry = code_list.objects.create(
            code=code, label=label, position=last + 1, starts_on=starts_on, **features
        )
        record(by=by, territory=NATION, action="add_code", obj=entry, fields="label starts_on")
    transaction.on_commit(memory.forget)
    return entry


@transaction.atomic
def end_code(*, by: User, entry: Nomenclature, ends_on: date) -> Nomenclature:
    """Offer a code no longer from the first day of a coming quarter on; what bears it keeps it.

    Raises:
        ActionRefused: a code that has its end already, a day that begins no coming quarter.
    """
    begins_a_quarter(ends_on)
    entry = type(entry).objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if entry.ends_on:
        raise ActionRefused(f"Ce code s’arrête déjà le {periods.full_date(entry.ends_on)}.")
    if entry.starts_on >= ends_on:
        raise ActionRefused("Ce code ne peut pas s’arrêter avant d’avoir commencé.")
    entry.ends_on = ends_on
    with refusals():
        entry.save(update_fields=["ends_on"])
        record(by=by, territory=NATION, action="end_code", obj=entry, fields="ends_on")
    transaction.on_commit(memory.forget)
    return entry


# ── Rules of « aiguillage » ──────────────────────────────────────────────────────────────────


@transaction.atomic
def add_rule(*, by: User, region: str, starts_on: date, **rule) -> RoutingRule:
    """A rule of the Region, from today or a day to come. `rule` holds its columns.

    Raises:
        ActionRefused: a day that is over, a département of another Region, a code of no list.
    """
    _refuse_past(starts_on)
    with refusals():
        added = RoutingRule.objects.create(region_id=region, starts_on=starts_on, **rule)
        _record_rule(by, added, "add_rule", "starts_on")
    return added


@transaction.atomic
def adopt_national_rules(*, by: User, region: str) -> list[RoutingRule]:
    """The rules of a Region that has none in force but for décrocheurs: the national ones of today,
    hers to change.

    Raises:
        ActionRefused: the Region has rules in force.
    """
    Region.objects.select_for_update(of=("self",)).get(pk=region)  # once, whoever sends it twice
    today = periods.today()
    current = RoutingRule.objects.filter(in_force(today))
    held = set(current.filter(region=region).values_list("of_dropouts", flat=True))
    if False in held:
        raise ActionRefused(
            "Votre Région a déjà ses règles : elles remplacent les règles nationales. Ajoutez "
            "celles qui manquent."
        )
    return [
        add_rule(by=by, region=region, starts_on=today, **_copied(rule))
        for rule in current.filter(region=None).exclude(of_dropouts__in=held)
    ]


def _copied(rule: RoutingRule) -> dict:
    columns = (
        "position", "level_id", "reasons", "situations", "categories", "youngest", "oldest",
        "network_id", "excludes", "source", "of_dropouts", "to_platform",
    )  # fmt: skip
    return {name: getattr(rule, name) for name in columns}


@transaction.atomic
def change_rule(*, by: User, rule: RoutingRule, starts_on: date, **values) -> RoutingRule:
    """Another rule takes its place from that day on; it held as it was until then."""
    _refuse_past(starts_on)
    with refusals():
        _end(rule, max(starts_on, rule.starts_on))
        changed = RoutingRule.objects.create(
            region_id=rule.region_id, starts_on=starts_on, **values
        )
        _record_rule(by, changed, "change_rule", "starts_on")
    return changed


@transaction.atomic
def end_rule(*, by: User, rule: RoutingRule, ends_on: date) -> RoutingRule:
    """It no longer holds from that day on; of a rule to come, its first day takes it back."""
    _refuse_past(ends_on)
    with refusals():
        ended = _end(rule, ends_on)
        _record_rule(by, ended, "end_rule", "ends_on")
    return ended


def _refuse_past(day: date, what: str = "Une règle") -> None:
    if day < periods.today():
        raise ActionRefused(
            f"{what} ne change pas le passé : choisissez aujourd’hui ou un jour à venir."
        )


def _end(row: models.Model, ends_on: date) -> models.Model:
    """Of what is ended and never rewritten: its end, once."""
    held = type(row).objects.select_for_update(of=("self",)).get(pk=row.pk)
    if held.ends_on:
        raise ActionRefused(
            f"L’arrêt est déjà fixé au {periods.full_date(held.ends_on)}. Rechargez la page."
        )
    held.ends_on = ends_on
    held.save(update_fields=["ends_on"])
    return held


def _record_rule(by: User, rule: RoutingRule, action: str, fields: str) -> None:
    record(by=by, territory=rule.region_id, action=action, obj=rule, fields=fields)


# ── Advice on funders ────────────────────────────────────────────────────────────────────────


@transaction.atomic
def add_hint(*, by: User, region: str | None, starts_on: date, **hint) -> FundingHint:
    """Advice of the Region, national for none, from today or a day to come. `hint` holds its
    columns.

    Raises:
        ActionRefused: a day that is over.
    """
    _refuse_past(starts_on, "Un conseil")
    with refusals():
        added = FundingHint.objects.create(region_id=region, starts_on=starts_on, **hint)
        _record_hint(by, added, "add_hint", "starts_on")
    return added


@transaction.atomic
def end_hint(*, by: User, hint: FundingHint, ends_on: date) -> FundingHint:
    """It is no longer shown from that day on; of one to come, its first day takes it back."""
    _refuse_past(ends_on, "Un conseil")
    with refusals():
        ended = _end(hint, ends_on)
        _record_hint(by, ended, "end_hint", "ends_on")
    return ended


def _record_hint(by: User, hint: FundingHint, action: str, fields: str) -> None:
    record(by=by, territory=hint.region_id or NATION, action=action, obj=hint, fields=fields)
    transaction.on_commit(memory.forget)


# ── Trades that recruit ──────────────────────────────────────────────────────────────────────


@transaction.atomic
def publish_trades(
    *, by: User, region: str, source: str, year: int, trades: Iterable[dict]
) -> TradeList:
    """What a source says of a year, whole: from today on it replaces what it said before. `trades`
    hold the columns of each.

    Raises:
        ActionRefused: a département of another Region, a trade that is there twice.
    """
    today = periods.today()
    with refusals():
        former = TradeList.objects.select_for_update(of=("self",)).filter(
            region__in=region_scope(region), source__iexact=source, year=year, ends_on=None
        )
        for one in former:
            one.ends_on = today
            one.save(update_fields=["ends_on"])
        published = TradeList.objects.create(
            region_id=region, source=source, year=year, starts_on=today
        )
        RecruitingTrade.objects.bulk_create(
            [RecruitingTrade(region_id=region, trade_list=published, **one) for one in trades],
            batch_size=1000,
        )
        _record_trades(by, published, "publish_trades", "source year starts_on")
    return published


@transaction.atomic
def withdraw_trades(*, by: User, trade_list: TradeList) -> TradeList:
    """Advisers no longer read it from today on; it stays, with its dates."""
    with refusals():
        ended = _end(trade_list, periods.today())
        _record_trades(by, ended, "withdraw_trades", "ends_on")
    return ended


def _record_trades(by: User, trade_list: TradeList, action: str, fields: str) -> None:
    record(by=by, territory=trade_list.region_id, action=action, obj=trade_list, fields=fields)


# ── Members of a platform ────────────────────────────────────────────────────────────────────


@transaction.atomic
def join_platform(*, by: User, region: str, structure: Structure, day: date) -> PlatformMember:
    """It belongs to a « plateforme de suivi et d'appui » of the Region from that day on."""
    _refuse_past(day, "Une arrivée")
    with refusals():
        member = PlatformMember.objects.create(region_id=region, structure=structure, starts_on=day)
        record_reception(by, region, structure, "join_platform", member, "starts_on")
    return member


@transaction.atomic
def leave_platform(*, by: User, member: PlatformMember, day: date) -> PlatformMember:
    """It does no longer from that day on: no path of a décrocheur is told it any more."""
    _refuse_past(day, "Un départ")
    with refusals():
        held = PlatformMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
        held.ends_on = day
        held.save(update_fields=["ends_on"])
        record_reception(by, held.region_id, held.structure, "leave_platform", held, "ends_on")
    return held


# ── Places and hours of a structure ──────────────────────────────────────────────────────────


@transaction.atomic
def set_hours(
    *, by: User, region: str, site: Site, hours: dict[int, tuple[time | None, time | None]]
) -> None:
    """When a place receives on each of these days of the week."""
    with refusals():
        for weekday, (opens_at, closes_at) in hours.items():
            OpeningHours.objects.update_or_create(
                structure=site.structure,
                site=site,
                weekday=weekday,
                defaults={"region_id": region, "opens_at": opens_at, "closes_at": closes_at},
            )
        record_reception(by, region, site.structure, "set_hours", site, "hours")


@transaction.atomic
def set_premises(*, by: User, region: str, site: Site, **said) -> Premises:
    """How a place receives, as said today: `said` holds the columns."""
    with refusals():
        held, _ = Premises.objects.update_or_create(
            structure=site.structure,
            site=site,
            defaults={"region_id": region, "said_on": periods.today(), **said},
        )
        fields = "is_neutral is_step_free comforts address remote phone mail web_page"
        record_reception(by, region, site.structure, "set_premises", held, fields)
    return held


def record_reception(
    by: User | None, region: str, structure: Structure, action: str, obj: models.Model, fields: str
) -> None:
    record(
        by=by,
        territory=region,
        action=action,
        obj=obj,
        structure_id=structure.pk,
        fields=fields,
    )
