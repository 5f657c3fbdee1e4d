"""Mail that waits to leave: written with the act that it announces, sent once; and the addresses
where none arrives."""

from django.db import models

from regions.models.people import User
from sprocep.tenancy import IN_NATIONAL_SCOPE, USER, Grants, RowPolicy


class Letter(models.Model):
    """One mail to one account: a link, no name of a beneficiary, no figure.

    `key` says what it announces, and to whom: the same act writes it once. Refused for good, it is
    dated too, with the cause.
    """

    key = models.CharField("clé", max_length=120, unique=True)
    recipient = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="à")
    subject = models.CharField("objet", max_length=200)
    body = models.TextField("texte")
    written_at = models.DateTimeField("écrite le", auto_now_add=True)
    due_at = models.DateTimeField("à envoyer à partir du")
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    # Waits for the others of its day, and leaves with them in one mail.
    in_digest = models.BooleanField("réunie aux autres", default=False)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    cause = models.CharField("cause", max_length=200, blank=True)

    class Meta:
        verbose_name = "lettre"
        constraints = [
            Grants(
                name="letter_grants", app="SELECT, INSERT, UPDATE (sent_at, due_at, tries, cause)"
            ),
            # One reads what was written to oneself.
            RowPolicy(
                name="letter_reading",
                using=f"{IN_NATIONAL_SCOPE} OR recipient_id = {USER}",
                check=IN_NATIONAL_SCOPE,
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=models.Q(sent_at__isnull=True), name="letter_to_send"
            )
        ]

    def __str__(self) -> str:
        return self.key


class RefusedAddress(models.Model):
    """An address where a mail did not arrive. Whose it is, its fingerprint does not say: some are
    those of persons."""

    UNSAID, OF_US = "courriel refusé", "courriel refusé par son serveur"
    # The words of a status (RFC 3463), its class left out; 5.1.7 and 5.1.8 are about the sender.
    WORDS = {
        ".1.7": OF_US,
        ".1.8": OF_US,
        ".1.": "adresse inconnue",
        ".2.2": "boîte pleine",
        ".2.": "boîte fermée",
        ".4.": "serveur injoignable",
        ".7.": OF_US,
    }

    fingerprint = models.CharField("empreinte", max_length=12)
    noted_at = models.DateTimeField("constatée le")
    status = models.CharField("code", max_length=9)
    # The last mail that came back proves nothing of a later one.
    made_at = models.DateTimeField("courriel écrit le")
    # Somebody said that it receives: what was written before proves nothing any more.
    receives_since = models.DateTimeField("reçoit de nouveau depuis le", null=True)

    class Meta:
        verbose_name = "adresse qui ne reçoit pas"
        constraints = [
            Grants(
                name="refused_address_grants",
                app="SELECT, INSERT, UPDATE (noted_at, status, made_at, receives_since)",
            ),
            RowPolicy(name="refused_address_nation", using=IN_NATIONAL_SCOPE),
            models.UniqueConstraint(fields=["fingerprint"], name="refused_address_once"),
            models.CheckConstraint(
                name="refused_address_status",
                condition=models.Q(status__regex=r"^[45]\.\d{1,3}\.\d{1,3}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.words

    @property
    def is_of_the_mailbox(self) -> bool:
        """Whether other mails would not arrive either: nobody is there, it is full or closed, or
        its server is away. A server that refuses us, or a redirection that fails, is no such."""
        return self.words not in (self.UNSAID, self.OF_US)

    @property
    def words(self) -> str:
        """Why, for whoever may correct it."""
        known = (said for code, said in self.WORDS.items() if code in self.status)
        return next(known, self.UNSAID)
