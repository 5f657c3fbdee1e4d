"""What became of a person six months after the end of her journey: asked once an exit, when she
agreed to it at the closing; answered once, by her or to her adviser (docs/adr/0034)."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.utils import timezone

from beneficiaries.models.columns import EXIT_LETTER, EXIT_QUESTION
from beneficiaries.models.documents import ONLINE
from beneficiaries.models.journeys import Journey
from beneficiaries.models.keys import code_of, held_by, isolation, of_journey, of_member
from operators.models import Channel, Situation
from regions.models import Membership, Region, Structure
from sprocep import periods
from sprocep.constraints import CompositeKey, StateMoves
from sprocep.tenancy import (
    COMPILER,
    PRESENTED,
    SENDER,
    Grants,
    RegionIsolation,
    RowPolicy,
    SenderWriting,
)

ANSWER = ("answered_on", "situation_id", "project", "usefulness", "channel_id", "noted_by_id")


class ExitState(models.TextChoices):
    WAITING = "waiting", "sans réponse"
    ANSWERED = "answered", "répondue"
    DECLINED = "declined", "la personne ne souhaite pas répondre"
    REOPENED = "reopened", "parcours rouvert"


_OVER = (ExitState.ANSWERED, ExitState.DECLINED, ExitState.REOPENED)
_MOVES = {ExitState.WAITING: _OVER} | dict.fromkeys(_OVER, ())


class Project(models.TextChoices):
    YES = "yes", "oui"
    PARTLY = "partly", "en partie"
    NO = "no", "non"


class Usefulness(models.IntegerChoices):
    VERY = 4, "très utile"
    QUITE = 3, "plutôt utile"
    LITTLE = 2, "peu utile"
    NOT = 1, "pas utile"


class ExitQuestion(models.Model):
    """Of one exit of a journey. Its Region is that of the exit."""

    State, Project, Usefulness = ExitState, Project, Usefulness

    region = held_by(Region, "Région à la sortie")
    structure = held_by(Structure, "structure")
    journey = models.ForeignKey(
        Journey, models.PROTECT, related_name="exit_questions", db_index=False
    )
    exit_on = models.DateField("sortie le")
    asked_on = models.DateField("posée le")
    closes_on = models.DateField("sans réponse possible à partir du")
    state = models.CharField("état", max_length=8, choices=ExitState, default=ExitState.WAITING)
    answered_on = models.DateField("réponse du", null=True)
    situation = code_of(Situation, "situation six mois après", null=True)
    project = models.CharField("projet réalisé", max_length=6, choices=Project, blank=True)
    usefulness = models.PositiveSmallIntegerField("utilité du CEP", choices=Usefulness, null=True)
    channel = code_of(Channel, "canal", null=True)
    # None: said by the person herself, who showed the link that she was sent.
    noted_by = held_by(Membership, "notée par", null=True)

    class Meta:
        verbose_name = "question à six mois"
        constraints = [
            *isolation("exit_question"),
            Grants(
                name="exit_question_grants",
                app=f"SELECT, INSERT, UPDATE (state, {', '.join(ANSWER)})",
                compiler=EXIT_QUESTION.compiler,
            ),
            StateMoves(
                name="exit_question_moves",
                born=ExitState.WAITING,
                moves=_MOVES,
                violation_error_message=(
                    "Cette question a déjà reçu une réponse, ou ne se pose plus : le parcours est "
                    "rouvert, ou la personne ne souhaite pas répondre."
                ),
            ),
            of_journey("exit_question_journey"),
            of_member("exit_question_noted_by", "noted_by_id"),
            CheckConstraint(
                name="exit_answer_is_whole",
                condition=Q(
                    state=ExitState.ANSWERED,
                    answered_on__isnull=False,
                    situation__isnull=False,
                    channel__isnull=False,
                    project__in=Project.values,
                )
                | Q(
                    ~Q(state=ExitState.ANSWERED),
                    answered_on__isnull=True,
                    situation__isnull=True,
                    channel__isnull=True,
                    usefulness__isnull=True,
                    project="",
                ),
                violation_error_message=(
                    "Une réponse a sa date, la situation de la personne et ce que devient son "
                    "projet."
                ),
            ),
            CheckConstraint(
                name="exit_answer_in_time",
                condition=Q(answered_on__isnull=True)
                | Q(answered_on__gte=F("asked_on"), answered_on__lt=F("closes_on")),
                violation_error_message=(
                    "Les réponses se reçoivent de six à huit mois après la sortie : il est trop "
                    "tard pour celle-ci."
                ),
            ),
            CheckConstraint(
                name="exit_answer_said_online_by_her",
                condition=~Q(state=ExitState.ANSWERED)
                | Q(noted_by__isnull=True, channel=ONLINE)
                | Q(~Q(channel=ONLINE), noted_by__isnull=False),
                violation_error_message=(
                    "Le service en ligne est le canal de la personne seule. Dites par quel canal "
                    "vous l’avez jointe."
                ),
            ),
            UniqueConstraint(fields=["structure", "id"], name="exit_question_of_structure"),
            UniqueConstraint(fields=["structure", "journey", "exit_on"], name="exit_question_once"),
        ]
        indexes = [
            models.Index(fields=["journey", "-exit_on"], name="exit_question_of_journey"),
            models.Index(
                fields=["closes_on"], condition=Q(state="waiting"), name="exit_question_waiting"
            ),
            models.Index(fields=["exit_on"], name="exit_question_by_exit"),
        ]

    def __str__(self) -> str:
        return f"{self.exit_on}"

    @property
    def waits(self) -> bool:
        """Whether an answer may still come."""
        return self.state == ExitState.WAITING and self.closes_on > periods.today()


class ExitLetter(models.Model):
    """A letter to the person, its link drawn as it leaves: of that link, the fingerprint alone is
    kept. One, and one reminder."""

    region = held_by(Region, "Région")
    structure = held_by(Structure, "structure")
    question = models.ForeignKey(
        ExitQuestion, models.PROTECT, related_name="letters", db_index=False
    )
    is_reminder = models.BooleanField("relance", default=False)
    due_at = models.DateTimeField("à envoyer à partir du", default=timezone.now)
    sent_at = models.DateTimeField("envoyée le", null=True)
    fingerprint = models.BinaryField("empreinte du lien", max_length=32, null=True)

    class Meta:
        verbose_name = "lettre d’une question à six mois"
        constraints = [
            RowPolicy(name="exit_letter_shown", using=f"({SENDER}) OR fingerprint = {PRESENTED}"),
            SenderWriting(name="exit_letter_structure"),
            RegionIsolation(name="exit_letter_region", to=(COMPILER,)),
            Grants(
                name="exit_letter_grants",
                app="SELECT, INSERT, UPDATE (due_at, sent_at, fingerprint)",
                compiler=EXIT_LETTER.compiler,
            ),
            CompositeKey(
                name="exit_letter_question",
                columns=["structure_id", "question_id"],
                to="beneficiaries.ExitQuestion",
                to_columns=["structure_id", "id"],
            ),
            CheckConstraint(
                name="exit_letter_drawn_as_it_leaves",
                condition=Q(fingerprint__isnull=True) | Q(sent_at__isnull=False),
            ),
            UniqueConstraint(
                fields=["structure", "question", "is_reminder"], name="exit_letter_once"
            ),
            UniqueConstraint(fields=["structure", "fingerprint"], name="exit_letter_link_once"),
        ]
        indexes = [
            models.Index(fields=["fingerprint"], name="exit_letter_by_fingerprint"),
            models.Index(
                fields=["due_at"], condition=Q(sent_at__isnull=True), name="exit_letter_to_send"
            ),
            models.Index(fields=["question"], name="exit_letter_of_question"),
        ]

    def __str__(self) -> str:
        return f"{self.due_at}"
