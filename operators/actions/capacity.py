"""How many fiches a structure takes, and where they go without an account: an address stands once
who holds it has confirmed it, and who held the former one had time to refuse (docs/adr/0057)."""

from datetime import date, datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from operators import queries
from operators.actions.reference import record_reception
from operators.models import Capacity
from regions import returned_mail
from regions.models import Membership, Structure, User
from regions.queries import national_regions
from sprocep import tenancy
from sprocep.celery import app
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION

# Of a link that confirms; of the former address, to refuse.
LINK_LASTS = timedelta(days=10)
TIME_TO_REFUSE = timedelta(days=7)
OF_AN_ACCOUNT = (
    "Cette adresse est celle d’un compte qui n’a pas de rôle dans cette structure. Écrivez une "
    "boîte de la structure."
)
OVER = "Ce lien n’ouvre plus rien : l’adresse a été changée, confirmée ou refusée depuis."
NEW, FORMER = "new", "former"


@transaction.atomic
def set_capacity(
    *,
    by: User,
    region: str,
    structure: Structure,
    weekly: int | None,
    full_until: date | None,
    address: str,
    writes_again: bool = False,
) -> Capacity:
    """How many fiches it takes a week in this Region, until when it takes none, and where they go
    without an account: another address than the present one waits to be confirmed. Whether an
    address whose mails came back receives again.

    Raises:
        ActionRefused: the address of an account that has no role in the structure.
    """
    standing = queries.address_of(structure.pk, region)
    with refusals():
        capacity, _ = Capacity.objects.update_or_create(
            structure=structure,
            region_id=region,
            defaults={"weekly": weekly, "full_until": full_until},
            create_defaults={"weekly": weekly, "full_until": full_until, "address": standing},
        )
        _want(capacity, address)
        fields = "weekly full_until address wanted_address"
        record_reception(by, region, structure, "set_capacity", capacity, fields)
    if writes_again:
        returned_mail.forget(address)
    return capacity


def _want(capacity: Capacity, address: str) -> None:
    """Take an address away at once; have another one confirmed, unless its link is on its way."""
    if address and address == capacity.wanted_address and capacity.wanted_at > _too_old():
        return
    if address and address != capacity.address:
        _refuse_account(capacity, address)
        capacity.wanted_address, capacity.wanted_at = address, timezone.now()
        capacity.proven_at = None
        _ring(capacity, NEW)
    else:
        capacity.address = address
        _forget_wanted(capacity)
    capacity.save(update_fields=["address", "wanted_address", "wanted_at", "proven_at"])


def _refuse_account(capacity: Capacity, address: str) -> None:
    account = User.objects.filter(email=address.lower()).first()
    if account is None:
        return
    with tenancy.scope(regions=[NATION]):  # who works in the structure is not shown to its Region
        roles = Membership.objects.filter(user=account, structure=capacity.structure_id)
        is_of_the_structure = roles.exists()
    if not is_of_the_structure:
        raise ActionRefused(OF_AN_ACCOUNT)


@transaction.atomic
def prove_address(*, by: None, capacity: Capacity, wanted_at: datetime) -> Capacity:
    """Who holds the new address says so: it stands at once where none receives now.

    Raises:
        ActionRefused: it was changed, confirmed or refused since the link left.
    """
    locked = _locked(capacity, wanted_at)
    if locked.proven_at:
        raise ActionRefused(OVER)
    if not _may_refuse(queries.address_of(locked.structure_id, locked.region_id)):
        return _adopt(locked, "prove_address")
    locked.proven_at = timezone.now()
    locked.save(update_fields=["proven_at"])
    _record(locked, "prove_address", "proven_at")
    _ring(locked, FORMER)
    return locked


def _may_refuse(standing: str) -> bool:
    """Whether somebody holds the present address; not where its mails come back."""
    unreached = returned_mail.unreached([standing]).get(standing)
    return bool(standing) and not (unreached and unreached.is_of_the_mailbox)


@transaction.atomic
def accept_address(*, by: None, capacity: Capacity, wanted_at: datetime) -> Capacity:
    """Who holds the former address agrees: the new one, which is proven, stands.

    Raises:
        ActionRefused: it was changed, confirmed or refused since the link left.
    """
    locked = _locked(capacity, wanted_at)
    if not locked.proven_at:
        raise ActionRefused(OVER)
    return _adopt(locked, "accept_address")


@transaction.atomic
def refuse_address(*, by: None, capacity: Capacity, wanted_at: datetime) -> Capacity:
    """Who holds the former address does not agree: the new one is forgotten.

    Raises:
        ActionRefused: it was changed, confirmed or refused since the link left.
    """
    locked = _locked(capacity, wanted_at)
    _forget_wanted(locked)
    locked.save(update_fields=["wanted_address", "wanted_at", "proven_at"])
    _record(locked, "refuse_address", "wanted_address")
    return locked


def adopt_addresses() -> int:
    """What nobody refused in time stands; of how many structures."""
    adopted = 0
    for region in national_regions():
        with tenancy.scope(regions=[region]):
            due = Capacity.objects.select_for_update(of=("self",), skip_locked=True).filter(
                region=region, proven_at__lte=timezone.now() - TIME_TO_REFUSE
            )
            adopted += len([_adopt(capacity, "adopt_address") for capacity in due])
    return adopted


def _adopt(capacity: Capacity, action: str) -> Capacity:
    capacity.address = capacity.wanted_address
    _forget_wanted(capacity)
    capacity.save(update_fields=["address", "wanted_address", "wanted_at", "proven_at"])
    _record(capacity, action, "address")
    return capacity


def _forget_wanted(capacity: Capacity) -> None:
    capacity.wanted_address, capacity.wanted_at, capacity.proven_at = "", None, None


def _locked(capacity: Capacity, wanted_at: datetime) -> Capacity:
    locked = Capacity.objects.select_for_update(of=("self",)).get(pk=capacity.pk)
    if locked.wanted_at != wanted_at:
        raise ActionRefused(OVER)
    return locked


def _too_old() -> datetime:
    return timezone.now() - LINK_LASTS


def _ring(capacity: Capacity, to: str) -> None:
    arguments = [capacity.region_id, capacity.pk, to]
    ring = partial(app.send_task, "operators.tasks.send_address_link", arguments)
    transaction.on_commit(ring, robust=True)


def _record(capacity: Capacity, action: str, fields: str) -> None:
    """No account did it: the name of the action says who."""
    record_reception(None, capacity.region_id, capacity.structure, action, capacity, fields)
