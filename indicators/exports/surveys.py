"""Results of surveys as pages show them: each with the rate of those who answered it."""

from collections.abc import Callable
from dataclasses import dataclass

from beneficiaries.models import ExitQuestion, SurveyResult
from beneficiaries.queries import label


@dataclass(frozen=True)
class Question:
    """`words` of an answer by its code; `good`: the answers that one line adds up, as `short`."""

    key: str
    title: str
    words: Callable[[str], str]
    good: tuple[str, ...] = ()
    short: str = ""


@dataclass(frozen=True)
class Distribution:
    """Of one question: its answers with their count and share in percent, the most given first."""

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


def _words_of(choices) -> Callable[[str], str]:
    return {str(code): words for code, words in choices}.__getitem__


SIX_MONTHS = (
    Question("situation", "Situation six mois après", lambda code: label("situation", code)),
    Question(
        "project",
        "Le projet s'est réalisé",
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


def distributions(result: SurveyResult, questions: tuple[Question, ...]) -> list[Distribution]:
    """Of the questions that enough persons answered."""
    return [
        _distribution(result, question) for question in questions if question.key in result.counts
    ]


def _distribution(result: SurveyResult, question: Question) -> Distribution:
    given = result.counts[question.key]
    total = sum(given.values())
    most_first = sorted(given.items(), key=lambda pair: (-pair[1], pair[0]))
    lines = [(question.words(code), count, _percent(count, total)) for code, count in most_first]
    return Distribution(question.title, total, _percent(total, result.asked), lines)


def result_line(
    result: SurveyResult, questions: tuple[Question, ...], name: str, url: str = ""
) -> ResultLine:
    counts = result.counts or {}
    shares = [(one.short, _good(counts.get(one.key), one.good)) for one in questions if one.good]
    rate = _percent(result.answered, result.asked)
    return ResultLine(name, result.asked, result.answered, rate, shares, url)


def _good(given: dict[str, int] | None, good: tuple[str, ...]) -> float | None:
    return given and _percent(sum(given.get(code, 0) for code in good), sum(given.values()))


def _percent(count: int | None, total: int | None) -> float | None:
    return 100 * count / total if total and count is not None else None
