"""One apostrophe on screen: « ’ », wherever sprocep writes."""

import pytest

from scripts.typography import ROOT, curled, curled_python, curled_template, files, read


def test_nothing_is_written_with_a_straight_apostrophe():
    walked = dict(files())
    assert len(walked) > 600
    wrong = [str(path.relative_to(ROOT)) for path, text in walked.items() if read(path) != text]
    assert wrong == [], "python scripts/typography.py --fix"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("l'an d'aujourd'hui, jusqu'à lui", "l’an d’aujourd’hui, jusqu’à lui"),
        ("L'édition « d'{name} »", "L’édition « d’{name} »"),
        ("n'est", "n’est"),
        ("somebody's", "somebody's"),
        ("WHERE kind IN ('d', 's')", "WHERE kind IN ('d', 's')"),
    ],
)
def test_elisions_alone_are_written_again(text, right):
    assert curled(text) == right
    assert curled(right) == right


def test_what_nobody_reads_is_left():
    assert curled_template("{# what's n'est #}<p>n'est</p>") == "{# what's n'est #}<p>n’est</p>"
    source = '"""Who n\'est."""\n\ntext = (\n    f"d\'{name} "  # n\'est\n    "l\'an"\n)\n'
    right = '"""Who n\'est."""\n\ntext = (\n    f"d’{name} "  # n\'est\n    "l’an"\n)\n'
    assert curled_python(source) == right
