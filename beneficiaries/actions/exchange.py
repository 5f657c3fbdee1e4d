"""What the software of a structure has done is done once, however often it is sent."""

import json
import uuid
from collections.abc import Callable

from django.db import connection, transaction
from django.utils.crypto import salted_hmac

from beneficiaries.models import ExchangeAct, Referral
from regions.models import Membership
from sprocep.errors import ActionRefused, refusals

KEY_REUSED = (
    "Cette clé d’envoi a déjà servi à une autre demande. Donnez une clé nouvelle à chaque demande, "
    "et la même à une demande que vous renvoyez."
)

RECEIPT = ("id", "number", "state", "at")  # jsonb keeps no order


def act_once(
    *, membership: Membership, key: uuid.UUID, told: dict, act: Callable[[], Referral]
) -> tuple[dict, bool]:
    """Do this under its key, once; sent twice at once, the second waits for the first.

    Args:
        told: the whole demand: the same key with another one is refused.
        act: an action on a fiche.

    Returns:
        what it answers, now and every time (fiche, state, instant; nothing of the person), and
        whether it was done before.

    Raises:
        ActionRefused: the key of another demand, or what the act refuses: then the key is free.
    """
    fingerprint = _fingerprint(told)
    with transaction.atomic(), refusals():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [str(key)])
        done = ExchangeAct.objects.filter(structure=membership.structure_id, key=key).first()
        if done is None:
            receipt = _receipt_of(act())
            ExchangeAct.objects.create(
                region_id=membership.region_id,
                structure_id=membership.structure_id,
                key=key,
                fingerprint=fingerprint,
                receipt=receipt,
            )
            return receipt, False
    if bytes(done.fingerprint) != fingerprint:
        raise ActionRefused(KEY_REUSED)
    return {name: done.receipt[name] for name in RECEIPT}, True


def _receipt_of(referral: Referral) -> dict:
    at = referral.state_since.isoformat()
    told = (str(referral.public_id), referral.number, referral.state, at)
    return dict(zip(RECEIPT, told, strict=True))


def _fingerprint(told: dict) -> bytes:
    """Under our key: a name is not found by trying some."""
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return salted_hmac("beneficiaries.exchange", text, algorithm="sha256").digest()
