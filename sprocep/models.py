"""The one table of the kernel: the key by which PostgreSQL proves scopes."""

from django.db import models

from sprocep.tenancy import Grants


class ScopeKey(models.Model):
    """The key of the proofs, in the two forms that HMAC takes: one row, of the owner alone."""

    inner_pad = models.BinaryField("clé, forme intérieure", max_length=64)
    outer_pad = models.BinaryField("clé, forme extérieure", max_length=64)

    class Meta:
        verbose_name = "clé des portées"
        constraints = [Grants(name="scope_key_grants")]

    def __str__(self) -> str:
        return "clé des portées"
