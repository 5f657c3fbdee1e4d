"""Anomalies: their owner explains them; the DGEFP sets the rules."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from indicators.actions.returns import is_settled
from indicators.models import Anomaly, QualityRule
from regions.actions import record
from regions.models import User
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION


@transaction.atomic
def explain_anomaly(*, by: User, anomaly: Anomaly, explanation: str) -> Anomaly:
    """What looks wrong is right, and why. It may be said again otherwise.

    Raises:
        ActionRefused: the edition of the Region is validated, or the anomaly is gone.
    """
    anomaly = Anomaly.objects.select_for_update(of=("self",)).get(pk=anomaly.pk)
    if is_settled(anomaly.period, anomaly.region_id):
        raise ActionRefused("Le tableau de bord de la Région est validé : rien ne change plus.")
    if anomaly.state == Anomaly.State.CORRECTED:
        raise ActionRefused("Cette anomalie est corrigée : elle n’attend plus d’explication.")
    anomaly.state, anomaly.closure = Anomaly.State.EXPLAINED, explanation
    anomaly.closed_at, anomaly.closed_by = timezone.now(), by
    with refusals():
        anomaly.save(update_fields=["state", "closure", "closed_at", "closed_by"])
    record(
        by=by,
        territory=anomaly.region_id,
        structure_id=anomaly.structure_id,
        action="explain_anomaly",
        obj=anomaly,
        fields="closure",
    )
    return anomaly


@transaction.atomic
def set_rule(*, by: User, rule: QualityRule, threshold: Decimal, is_active: bool) -> QualityRule:
    """From where on a rule speaks, and whether it does; the next count follows it."""
    rule = QualityRule.objects.select_for_update(of=("self",)).get(pk=rule.pk)
    rule.threshold, rule.is_active = threshold, is_active
    with refusals():
        rule.save(update_fields=["threshold", "is_active"])
        record(by=by, territory=NATION, action="set_rule", obj=rule, fields="threshold is_active")
    return rule
