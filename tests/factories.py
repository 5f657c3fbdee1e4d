"""Small real rows. Structures, sites, operators and people are made as owner and committed;
nominal rows are made as app, inside the scope that the test opened."""

import hashlib
import secrets
import uuid
from datetime import date, time, timedelta

from django.utils import timezone
from stdnum import luhn

from beneficiaries.contact_codes import form_fingerprint
from beneficiaries.models import (
    ANSWERS,
    Beneficiary,
    ContactForms,
    ContactTally,
    DropoutPath,
    ExchangeAct,
    ExitLetter,
    ExitQuestion,
    FinancingPlan,
    FollowUp,
    Journey,
    PersonAccess,
    PersonKey,
    PlanCost,
    PlanFunding,
    PlanPaper,
    Referral,
    ReferralLink,
    ReferralPerson,
    Session,
    SessionService,
    ShareCode,
    SituationChange,
    Step,
    SynthesisDocument,
    Webhook,
    WebhookEvent,
    Workshop,
    WorkshopParticipant,
)
from indicators.models import AttackReport, Edition
from operators.models import (
    Capacity,
    Exchange,
    FundingHint,
    OpeningHours,
    Operator,
    PlatformMember,
    Premises,
    RecruitingTrade,
    Registration,
    RoutingRule,
    ServiceLevel,
    TradeList,
)
from operators.queries import operator_of
from regions.models import (
    Commune,
    Membership,
    Site,
    SproMembership,
    Structure,
    StructureName,
    User,
)
from regions.queries import department_regions
from sprocep import periods, tenancy

OWNER = "owner"
BEGINNING = date(2014, 7, 25)
PASSWORD = "un mot de passe très long"


def deadlines(opens_on: date, computed_on: date, due_on: date) -> dict[str, date]:
    """The five days of a period's campaign, from three."""
    return {
        "opens_on": opens_on,
        "confirm_by": computed_on,
        "computed_on": computed_on,
        "comment_by": due_on,
        "due_on": due_on,
    }


def siret() -> str:
    digits = f"9{secrets.randbelow(10**12):012d}"
    return digits + luhn.calc_check_digit(digits)


def _for_app(made):
    """Made by the owner, used by the app: Django would refuse to tie rows of two connections."""
    made._state.db = "default"
    return made


# ── As owner ─────────────────────────────────────────────────────────────────────────────────


def structure(
    name: str,
    *communes: str,
    network: str = "ML",
    category: str | None = "mission_locale",
    max_rank: int = 3,
    ends_on: date | None = None,
) -> Structure:
    """A structure with one site in each commune; an operator unless `category` is None."""
    made = Structure.objects.using(OWNER).create(siret=siret(), network_id=network)
    StructureName.objects.using(OWNER).create(structure=made, name=name, starts_on=BEGINNING)
    for commune in communes:
        site(made, commune)
    if category:
        Operator.objects.using(OWNER).create(
            structure=made,
            category_id=category,
            max_rank=max_rank,
            starts_on=BEGINNING,
            ends_on=ends_on,
        )
    return _for_app(made)


def site(of: Structure, commune: str, *, is_remote_platform: bool = False) -> Site:
    place = Commune.objects.using(OWNER).get(pk=commune)
    return _for_app(
        Site.objects.using(OWNER).create(
            structure_id=of.pk,
            name=f"Accueil de {place.name}",
            commune_id=commune,
            department_id=place.department_id,
            is_remote_platform=is_remote_platform,
        )
    )


def spro_membership(region: str, of: Structure) -> SproMembership:
    return SproMembership.objects.using(OWNER).create(
        region_id=region,
        structure_id=of.pk,
        status=SproMembership.Status.BY_LAW,
        starts_on=date(2015, 1, 1),
    )


def rule(region: str | None, **values) -> RoutingRule:
    """Written as owner, in the Region given."""
    values = {"position": 10, "starts_on": BEGINNING} | values
    return RoutingRule.objects.using(OWNER).create(region_id=region, **values)


def hint(region: str | None, **values) -> FundingHint:
    """Of a Region, or national."""
    first = {
        "funder_id": "REG",
        "text": "Demandez l’accord avant le début de la formation.",
        "source": "règlement d’intervention",
        "starts_on": BEGINNING,
    }
    return FundingHint.objects.using(OWNER).create(region_id=region, **first | values)


def exchange(region: str, **values) -> Exchange:
    """Tomorrow, unless it is said when."""
    first = {
        "title": "Recevoir sans convoquer",
        "held_on": periods.days_after(periods.today(), 1),
        "starts_at": time(9),
        "ends_at": time(12),
        "place": "Marseille",
        "seats": 12,
        "share": 50,
        "least": 4,
    }
    return _for_app(Exchange.objects.using(OWNER).create(region_id=region, **first | values))


def registration(member: Membership, at: Exchange) -> Registration:
    return _for_app(
        Registration.objects.using(OWNER).create(
            region_id=at.region_id,
            exchange_id=at.pk,
            structure_id=member.structure_id,
            member_id=member.pk,
            user_id=member.user_id,
            name=member.name,
        )
    )


def recruiting_trade(
    region: str, department: str, of: TradeList | None = None, **values
) -> RecruitingTrade:
    """Of the list given, or of one of its own."""
    held = of or TradeList.objects.using(OWNER).create(
        region_id=region, source="Enquête", year=2016, starts_on=BEGINNING
    )
    first = {"code": "M1805", "label": "Développement informatique", "projects": 420}
    return RecruitingTrade.objects.using(OWNER).create(
        region_id=region, trade_list=held, department_id=department, **first | values
    )


def capacity(region: str, of: Structure, **values) -> Capacity:
    return Capacity.objects.using(OWNER).create(region_id=region, structure_id=of.pk, **values)


def platform_member(region: str, of: Structure, **values) -> PlatformMember:
    values = {"starts_on": BEGINNING} | values
    return PlatformMember.objects.using(OWNER).create(
        region_id=region, structure_id=of.pk, **values
    )


def opening_hours(region: str, at: Site, weekday: int, opens: int, closes: int) -> OpeningHours:
    return OpeningHours.objects.using(OWNER).create(
        region_id=region,
        structure_id=at.structure_id,
        site_id=at.pk,
        weekday=weekday,
        opens_at=time(opens),
        closes_at=time(closes),
    )


def premises(region: str, at: Site, **values) -> Premises:
    first = {"is_neutral": True, "is_step_free": True, "said_on": date(2016, 1, 1)}
    return Premises.objects.using(OWNER).create(
        region_id=region, structure_id=at.structure_id, site_id=at.pk, **first | values
    )


def user(email: str, password: str | None = None) -> User:
    made = User(email=email)
    if password:
        made.set_password(password)
    else:
        made.set_unusable_password()
    made.save(using=OWNER)
    return _for_app(made)


def member(
    role: str,
    *,
    email: str = "",
    of: User | None = None,
    region: str | None = None,
    at: Site | None = None,
    network: str | None = None,
    starts_on: date = BEGINNING,
    ends_on: date | None = None,
) -> Membership:
    """A membership of a new account, or of the one given."""
    account = of or user(email or f"{role}.{secrets.token_hex(4)}@exemple.fr")
    made = _for_app(
        Membership.objects.using(OWNER).create(
            user_id=account.pk,
            name=f"Camille {role.replace('_', ' ').title()}",
            role=role,
            region_id=region,
            structure_id=at.structure_id if at else None,
            site_id=at.pk if at else None,
            network_id=network,
            starts_on=starts_on,
            ends_on=ends_on,
        )
    )
    made.user, made.site = account, at
    return made


def edition(
    period: str,
    territory: str,
    state: str = "draft",
    corrects: Edition | None = None,
    **values,
) -> Edition:
    """Led to its state by the moves that PostgreSQL lets pass; `values` come with the last."""
    made = Edition.objects.using(OWNER).create(
        period=period,
        territory=territory,
        number=corrects.number + 1 if corrects else 1,
        supersedes=corrects,
        cause="Oubli." if corrects else "",
        compiled_at=timezone.now(),
        figures_seal="0" * 64,
        attack_report=attack_report(period),
    )
    row = Edition.objects.using(OWNER).filter(pk=made.pk)
    way = ("draft", "under_review", "validated", "sealed")
    for passed in way[1 : way.index(state)]:
        row.update(state=passed)
    row.update(state=state, **values)
    return row.get()


def attack_report(period: str) -> AttackReport:
    """The one that all editions of the period rest on."""
    counts = dict.fromkeys(("cells", "hidden", "hidden_volume", "found", "too_narrow"), 0)
    reports = AttackReport.objects.using(OWNER)
    return reports.filter(period=period).first() or reports.create(
        period=period, threshold=11, **counts
    )


# ── As app, in a scope ───────────────────────────────────────────────────────────────────────


def beneficiary(by: Membership, *, region: str | None = None, **values) -> Beneficiary:
    values = {"last_name": "Martin", "first_name": "Alix", "birth_date": date(1990, 5, 4)} | values
    values.setdefault("sort_key", f"{values['last_name']} {values['first_name']}".upper())
    return Beneficiary.objects.create(
        region_id=region or by.region_id, structure_id=by.structure_id, **values
    )


def person_key(of: Beneficiary, year: int, key: bytes | None = None) -> None:
    row = PersonKey(
        region_id=of.region_id,
        structure_id=of.structure_id,
        beneficiary=of,
        year=year,
        key=key or secrets.token_bytes(32),
    )
    # Without `RETURNING`, which would read: the app may only insert here.
    PersonKey.objects.bulk_create([row], ignore_conflicts=True)


def journey(
    by: Membership,
    *,
    opened_on: date = date(2016, 2, 10),
    of: Beneficiary | None = None,
    level: str = "N2",
    service: str = "S07",
    **values,
) -> Journey:
    """A journey with its person, its key of the year, its follow-up and its first session."""
    region = department_regions(opened_on)[by.site.department_id]
    person = of or beneficiary(by, region=region)
    person_key(person, opened_on.year)
    operator = operator_of(by.structure_id, opened_on)
    made = Journey.objects.create(
        region_id=region,
        structure_id=by.structure_id,
        department_id=by.site.department_id,
        category_id=operator.category_id,
        beneficiary=person,
        opened_on=opened_on,
        **{"main_reason_id": "M05", "situation_id": "CDI", "age": 30} | values,
    )
    FollowUp.objects.create(
        region_id=region,
        structure_id=by.structure_id,
        journey=made,
        department_id=by.site.department_id,
        site=by.site,
        referent=by,
        starts_on=opened_on,
    )
    session(by, made, held_on=opened_on, level=level, service=service)
    return made


def session(
    by: Membership,
    of: Journey,
    *,
    held_on: date,
    level: str = "N2",
    service: str = "S07",
    **values,
) -> Session:
    region = department_regions(held_on)[by.site.department_id]
    operator = operator_of(of.structure_id, held_on)
    made = Session.objects.create(
        region_id=region,
        structure_id=of.structure_id,
        journey=of,
        department_id=by.site.department_id,
        category_id=operator.category_id,
        max_rank=operator.max_rank,
        site=by.site,
        adviser=by,
        held_on=held_on,
        level_id=level,
        rank=ServiceLevel.objects.get(pk=level).rank,
        **{"channel_id": "PRE", "minutes": 45} | values,
    )
    SessionService.objects.create(
        region_id=region, structure_id=of.structure_id, session=made, service_id=service
    )
    return made


def referral(by: Membership, to: Membership, *, sent_on: date | None = None, **values) -> Referral:
    """A fiche with its person, sent by the structure of `by` to the structure of `to`."""
    sent_on = sent_on or timezone.localdate()
    regions = department_regions(sent_on)
    made = Referral.objects.create(
        region_id=regions[by.site.department_id],
        structure_id=by.structure_id,
        department_id=by.site.department_id,
        site=by.site,
        receiver_id=to.structure_id,
        receiver_region_id=regions[to.site.department_id],
        sent_by=by,
        sent_on=sent_on,
        consented_on=sent_on,
        **{"level_id": "N2", "reason_id": "M05"} | values,
    )
    ReferralPerson.objects.create(
        region_id=made.region_id,
        structure_id=made.structure_id,
        receiver_id=made.receiver_id,
        receiver_region_id=made.receiver_region_id,
        referral=made,
        fields={"last_name": "Martin", "first_name": "Alix", "phone": "06 12 34 56 78"},
    )
    return made


def exchange_act(member: Membership, **values) -> ExchangeAct:
    return ExchangeAct.objects.create(
        region_id=member.region_id,
        structure_id=member.structure_id,
        **{"key": uuid.uuid4(), "fingerprint": b"x" * 32, "receipt": {"number": "L26-1"}} | values,
    )


def webhook(member: Membership, url: str = "https://logiciel.example/fiches") -> Webhook:
    return Webhook.objects.create(
        region_id=member.region_id, structure_id=member.structure_id, url=url, set_by=member
    )


def webhook_event(to: Webhook, of: Referral, **values) -> WebhookEvent:
    with tenancy.scope(regions=[tenancy.NATION]):
        return WebhookEvent.objects.create(
            region_id=to.region_id,
            structure_id=to.structure_id,
            webhook=to,
            referral=of,
            **{"state": of.state, "at": of.state_since, "sequence": 1} | values,
        )


def referral_link(of: Referral, **values) -> ReferralLink:
    """A link that left just now, of a secret that nobody has."""
    now = timezone.now()
    left = {
        "address": "accueil@structure.example",
        "fingerprint": secrets.token_bytes(32),
        "sent_at": now,
        "expires_at": now + timedelta(days=10),
    }
    with tenancy.scope(regions=[tenancy.NATION]):
        return ReferralLink.objects.create(
            region_id=of.region_id,
            structure_id=of.structure_id,
            receiver_id=of.receiver_id,
            receiver_region_id=of.receiver_region_id,
            referral=of,
            **left | values,
        )


def financing_plan(by: Membership, of: Journey, *, opened_on: date | None = None) -> FinancingPlan:
    """The plan, without a line, of a journey that reached level 3."""
    opened_on = opened_on or timezone.localdate()
    return FinancingPlan.objects.create(
        region_id=department_regions(opened_on)[by.site.department_id],
        structure_id=by.structure_id,
        department_id=by.site.department_id,
        journey=of,
        opened_on=opened_on,
        changed_by=by,
    )


def plan_cost(of: FinancingPlan, amount, **values) -> PlanCost:
    return PlanCost.objects.create(**_of_plan(of) | {"amount": amount, "kind_id": "CP"} | values)


def plan_funding(of: FinancingPlan, asked, granted=None, **values) -> PlanFunding:
    """Asked, or answered the same day: refused when 0 is granted."""
    today = timezone.localdate()
    answer = {}
    if granted is not None:
        state = "granted" if granted else "refused"
        answer = {"state": state, "granted": granted, "decided_on": today}
    asking = {"right_id": "CPF", "asked": asked, "asked_on": today}
    return PlanFunding.objects.create(**_of_plan(of) | asking | answer | values)


PAPER = b"%PDF-1.7\n"


def plan_paper(of: FinancingPlan, held: bytes = PAPER, **values) -> PlanPaper:
    digest = hashlib.sha256(held).digest()
    first = {"label": "Devis", "kind": "pdf", "size": len(held), "digest": digest, "content": held}
    return PlanPaper.objects.create(**_of_plan(of) | first | values)


def _of_plan(plan: FinancingPlan) -> dict:
    columns = ("region_id", "structure_id", "changed_by_id")
    return {"plan": plan} | {name: getattr(plan, name) for name in columns}


def workshop(by: Membership, *known: Journey, held_on: date, **values) -> Workshop:
    """Held at her place, with these participants and two persons more unless `heads` says so."""
    region = department_regions(held_on)[by.site.department_id]
    made = Workshop.objects.create(
        region_id=region,
        structure_id=by.structure_id,
        department_id=by.site.department_id,
        site=by.site,
        animator=by,
        held_on=held_on,
        **{"channel_id": "PRE", "theme_id": "T02", "minutes": 120, "heads": len(known) + 2}
        | values,
    )
    for journey in known:
        WorkshopParticipant.objects.create(
            region_id=region, structure_id=by.structure_id, workshop=made, journey=journey
        )
    return made


def situation_change(by: Membership, of: Journey, **values) -> SituationChange:
    what = {
        "situation_id": "CDI",
        "starts_on": of.opened_on + timedelta(days=1),
    } | values
    return SituationChange.objects.create(
        region_id=of.region_id, structure_id=of.structure_id, journey=of, noted_by=by, **what
    )


def dropout_path(by: Membership, of: Journey, **values) -> DropoutPath:
    """Of a journey whose person is 16 to 25, found out of school on the day that it was opened."""
    what = {"reported_on": of.opened_on} | values
    return DropoutPath.objects.create(
        region_id=of.region_id,
        structure_id=of.structure_id,
        department_id=of.department_id,
        journey=of,
        noted_by=by,
        **what,
    )


def step(by: Membership, of: Journey, **values) -> Step:
    what = {"what": "Demander un devis au Greta", "actor": "la personne"} | values
    return Step.objects.create(
        region_id=of.region_id, structure_id=of.structure_id, journey=of, changed_by=by, **what
    )


def synthesis_document(
    by: Membership, of: Journey, *, number: int = 1, is_approved: bool = True, **values
) -> SynthesisDocument:
    """A version, of today, that says who the person is and no step."""
    today = timezone.localdate()
    person = {name: getattr(of.beneficiary, name) for name in ("last_name", "first_name")}
    content = {
        "thread_number": of.thread_number,
        "structure": dict.fromkeys(("siret", "name", "region", "site", "referent"), "x"),
        "journey": {"opened_on": of.opened_on, "closed_on": None, "level": "N2"},
        "person": person,
        "reasons": [of.main_reason_id],
        "steps": [],
        "plan": None,
    }
    made = SynthesisDocument.objects.create(
        region_id=department_regions(today)[by.site.department_id],
        structure_id=of.structure_id,
        department_id=by.site.department_id,
        journey=of,
        number=number,
        content=content,
        handed_on=today,
        handed_by=by,
        **values,
    )
    if is_approved:
        made.approved_on, made.channel_id, made.approval_noted_by = today, "PRE", by
        made.save(update_fields=["approved_on", "channel", "approval_noted_by"])
    made.refresh_from_db()
    return made


def share_code(by: Membership, of: SynthesisDocument, **values) -> ShareCode:
    """Given today, of a code that nobody knows."""
    given = {
        "fingerprint": secrets.token_bytes(32),
        "expires_at": timezone.now() + timedelta(days=30),
    }
    return ShareCode.objects.create(
        region_id=of.region_id,
        structure_id=of.structure_id,
        document=of,
        made_by=by,
        **given | values,
    )


def person_access(by: Membership, of: Journey, **values) -> PersonAccess:
    """Given today, of a code that nobody knows."""
    return PersonAccess.objects.create(
        region_id=of.region_id,
        structure_id=of.structure_id,
        journey=of,
        given_by=by,
        **{"fingerprint": secrets.token_bytes(32)} | values,
    )


def exit_question(
    by: Membership,
    *,
    exit_on: date,
    answer: dict | None = None,
    of: Journey | None = None,
    **values,
) -> ExitQuestion:
    """Of a journey of level 2 that ended this day; `answer`: what the person said by phone, a month
    after she was asked."""
    made = of or journey(by, opened_on=exit_on - timedelta(days=40))
    region = department_regions(exit_on)[by.site.department_id]
    Journey.objects.filter(pk=made.pk).update(
        closed_on=exit_on,
        closed_region_id=region,
        closed_department_id=by.site.department_id,
        outcome_id="I03",
        exit_situation_id="DEI",
        may_be_asked=True,
    )
    question = ExitQuestion.objects.create(
        region_id=region,
        structure_id=by.structure_id,
        journey=made,
        exit_on=exit_on,
        asked_on=periods.months_after(exit_on, 6),
        closes_on=periods.months_after(exit_on, 8),
    )
    given = {"answered_on": periods.months_after(exit_on, 7), "channel_id": "TEL", "noted_by": by}
    if answer:
        values = {"state": "answered", **given, **answer} | values
    if values:
        ExitQuestion.objects.filter(pk=question.pk).update(**values)
    return question


def exit_letter(of: ExitQuestion, **values) -> ExitLetter:
    """A letter that left just now, with a link that nobody has."""
    left = {"fingerprint": secrets.token_bytes(32), "sent_at": timezone.now()}
    return ExitLetter.objects.create(
        region_id=of.region_id, structure_id=of.structure_id, question=of, **left | values
    )


def contact(
    by: Membership,
    *,
    held_on: date | None = None,
    count: int = 1,
    **answers,
) -> ContactTally:
    """Contacts of a day, alike, counted with those that are there."""
    held_on = held_on or timezone.localdate()
    tally, _ = ContactTally.objects.get_or_create(
        region_id=department_regions(held_on)[by.site.department_id],
        structure_id=by.structure_id,
        department_id=by.site.department_id,
        site=by.site,
        month=held_on.replace(day=1),
    )
    usual = {"channel": "PRE", "theme": "T01", "age_band": "A2", "audience": "P04", "result": "R01"}
    for name, code in {"days": held_on.isoformat(), **usual, **answers}.items():
        counts = getattr(tally, name)
        counts[code] = counts.get(code, 0) + count
    tally.total += count
    tally.save(update_fields=["total", "days", *ANSWERS])
    return tally


def contact_forms(by: Membership, key: uuid.UUID, **values) -> ContactForms:
    """A form that this desk sent, today unless said."""
    return ContactForms.objects.create(
        region_id=by.region_id,
        structure_id=by.structure_id,
        site=by.site,
        fingerprints=[form_fingerprint(key)],
        **{"sent_on": timezone.localdate()} | values,
    )
