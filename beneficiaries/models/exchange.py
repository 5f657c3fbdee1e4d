"""What the software of a structure, or a file of it, had done: kept so that it is done once
(docs/adr/0041)."""

from django.db import models
from django.db.models import UniqueConstraint

from beneficiaries.models.columns import EXCHANGE_ACT
from beneficiaries.models.keys import held_by, isolation
from regions.models import Region, Structure
from sprocep.tenancy import Grants


class ExchangeAct(models.Model):
    """One demand under its key, and what was answered: the same again is answered the same."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    key = models.UUIDField("clé d’envoi")
    # Another demand under the same key is an error of who sends it, and is told so.
    fingerprint = models.BinaryField("empreinte de la demande", max_length=32)
    receipt = models.JSONField("reçu")
    at = models.DateTimeField("le", auto_now_add=True)

    class Meta:
        verbose_name = "demande échangée"
        constraints = [
            Grants(
                name="exchange_act_grants", app="SELECT, INSERT", compiler=EXCHANGE_ACT.compiler
            ),
            *isolation("exchange_act"),
            UniqueConstraint(fields=["structure", "key"], name="exchange_act_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key}"
