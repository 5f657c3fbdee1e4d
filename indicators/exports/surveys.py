"""Results of surveys as pages show them: each with the rate of those who answered it."""

from collections.abc import Iterable
from dataclasses import dataclass

from beneficiaries.models import ExitQuestion, FeedbackTally, SurveyResult
from beneficiaries.queries import label
from beneficiaries.surveys import REST


@dataclass(frozen=True)
class Question:
    """`words` of an answer by its code, in the order of its scale where it has one; `good`: the
    answers that one line adds up, as `short`."""

    key: str
    title: str
    words: dict[str, str] | None = None
    good: tuple[str, ...] = ()
    short: str = ""


@dataclass(frozen=True)
class Distribution:
    """Of one question: its answers with their count and share in percent; of a scale all of them in
    its order, of a list the most given first."""

    title: str
    answers: int
    rate: float | None
    lines: list[tuple[str, int, float]]


@dataclass(frozen=True)
class ResultLine:
    """Of one place: hidden where `answers` is None; `shares`: the good answers of each question, in
    percent, by its short words."""

    name: str
    asked: int | None
    answers: int | None
    rate: float | None
    shares: list[tuple[str, float | None]]
    url: str = ""


def _words_of(choices: Iterable[tuple[str | int, str]]) -> dict[str, str]:
    return {str(code): words for code, words in choices}


@dataclass(frozen=True)
class Survey:
    """A survey as its page says it; `of`: what a quarter is of; `few`: no number is
    read there; `has_rate`: it is known how many were asked."""

    code: str
    heading: str
    lead: str
    of: str
    empty: str
    few: str
    questions: tuple[Question, ...]
    has_rate: bool = True
    counted: str = "Réponses"
    unit: str = "Personnes"  # of each answer
    answer: str = "Réponse"
    hidden: str = (
        "Un résultat paraît quand assez de personnes ont répondu pour que rien ne dise qui."
    )

    @property
    def columns(self) -> int:
        """Of numbers, beside each place."""
        return 1 + 2 * self.has_rate + sum(bool(question.short) for question in self.questions)


_AFTER_EXIT = (
    Question("situation", "Situation six mois après"),
    Question(
        "project",
        "Le projet s’est réalisé",
        _words_of(ExitQuestion.Project.choices),
        ("yes", "partly"),
        "Projet réalisé, au moins en partie",
    ),
    Question(
        "usefulness",
        "Le CEP a été utile",
        _words_of(ExitQuestion.Usefulness.choices),
        ("4", "3"),
        "CEP utile",
    ),
)
_GRADES = _words_of(FeedbackTally.Grade.choices)
_AFTER_SESSION = tuple(
    Question(key, words, _GRADES, ("4", "3"), short)
    for key, words, short in (
        ("listened", "La situation a été écoutée", "Écoute"),
        ("clear", "Les explications étaient claires", "Clarté"),
        ("useful", "L’entretien a été utile", "Utilité"),
    )
)

SIX_MONTHS = Survey(
    code=SurveyResult.Survey.SIX_MONTHS,
    heading="Résultats à six mois",
    lead="Ce que sont devenues les personnes six mois après la fin d’un parcours de niveau 2 ou 3, "
    "quand elles ont accepté qu’on le leur demande.",
    of="sorties du",
    empty="Les personnes répondent de six à huit mois après leur sortie. Un trimestre de sortie "
    "paraît une fois que plus personne ne peut répondre, et ne change plus.",
    few="Pas assez de réponses",
    questions=_AFTER_EXIT,
)
FEEDBACK = Survey(
    code=SurveyResult.Survey.SESSION,
    heading="Avis après un entretien",
    lead="Ce que les personnes disent d’un entretien, sans nom, par un code de papier. Personne ne "
    "sait combien de codes ont été remis : ces avis n’ont pas de taux de réponse.",
    of="entretiens du",
    empty="Un code sert jusqu’à la fin du mois qui suit l’entretien. Un trimestre paraît une fois "
    "que ses codes ne servent plus, et ne change plus.",
    few="Pas encore assez de réponses",
    questions=_AFTER_SESSION,
    has_rate=False,
)

ADVISERS = Survey(
    code=SurveyResult.Survey.ADVISERS,
    heading="Avis des conseillers",
    lead="Ce que disent d’un entretien celles et ceux qui l’ont tenu, sans nom. Un résultat vient "
    "d’assez de réponses, là où assez de conseillers ont tenu des entretiens.",
    of="réponses du",
    empty="Un trimestre paraît une fois fini, et ne change plus.",
    few="Pas encore assez de réponses",
    questions=(
        Question("conditions", "Les conditions étaient bonnes", _GRADES, ("4", "3"), "Conditions"),
        Question("time", "Le temps a suffi", _GRADES, ("4", "3"), "Temps"),
        Question("lacked", "Ce qui a manqué", _words_of(FeedbackTally.Lacked.choices)),
    ),
    has_rate=False,
    unit="Réponses",
    hidden="Un résultat paraît quand assez de conseillers ont pu répondre pour que rien ne dise "
    "qui.",
)

DROPOUTS = Survey(
    code=SurveyResult.Survey.DROPOUTS,
    heading="Parcours des décrocheurs",
    lead="Jeunes de 16 à 25 ans sans diplôme et hors de toute formation, repérés dans un "
    "trimestre, et où ils en sont six mois après sa fin. Chacun est compté une fois, là où il a "
    "été repéré d’abord.",
    of="repérages du",
    empty="Un trimestre paraît six mois après sa fin, et ne change plus.",
    few="Trop peu de personnes",
    questions=(
        Question(
            "became",
            "Où ils en sont",
            {
                "training": "De retour en formation",
                "relayed": "Accompagnés par un relais",
                "neither": "Ni l’un ni l’autre",
            },
            ("training",),
            "De retour en formation",
        ),
    ),
    has_rate=False,
    counted="Personnes repérées",
    answer="Où ils en sont",
    hidden="Un effectif paraît quand il compte assez de personnes pour que rien ne dise qui.",
)


_OTHERS = "Autres réponses, trop peu nombreuses pour être dites une à une"


def distributions(result: SurveyResult, questions: tuple[Question, ...]) -> list[Distribution]:
    """Of the questions that enough persons answered."""
    return [
        _distribution(result, question) for question in questions if question.key in result.counts
    ]


def _distribution(result: SurveyResult, question: Question) -> Distribution:
    given = result.counts[question.key]
    total = sum(given.values())
    told = {code: count for code, count in given.items() if code != REST}
    if question.words:
        # Beside a rest, an answer that is not told is in it; else nobody gave it.
        scale = [code for code in question.words if code in told or REST not in given]
        said = [(question.words[code], told.get(code, 0)) for code in scale]
    else:
        most_first = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
        said = [(label(question.key, code), count) for code, count in most_first]
    if REST in given:
        said.append((_OTHERS, given[REST]))
    lines = [(words, count, _percent(count, total)) for words, count in said]
    return Distribution(question.title, total, _percent(total, result.asked), lines)


def result_line(
    result: SurveyResult, questions: tuple[Question, ...], name: str, url: str = ""
) -> ResultLine:
    counts = result.counts or {}
    shares = [(one.short, _good(counts.get(one.key), one.good)) for one in questions if one.good]
    rate = _percent(result.answered, result.asked)
    return ResultLine(name, result.asked, result.answered, rate, shares, url)


def _good(given: dict[str, int] | None, good: tuple[str, ...]) -> float | None:
    if given and REST in given and not set(good) <= set(given):
        return None
    return given and _percent(sum(given.get(code, 0) for code in good), sum(given.values()))


def _percent(count: int | None, total: int | None) -> float | None:
    return 100 * count / total if total and count is not None else None
