"""Elisions that are still written with a straight apostrophe where a person reads them.

Usage: `python scripts/typography.py` lists them and fails; `--fix` writes « ’ » in their place.
What is read: templates, letters, French literals of the product, its data, its own scripts, and
the one script that is given to the public.
"""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

Place = tuple[int, int]  # line from 1, column from 0

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("sprocep", "regions", "operators", "beneficiaries", "indicators")
# « l'accueil », « qu'elle », « aujourd'hui », and the same before a value: « d'{name} ».
_ELISION = re.compile(
    r"\b((?:[cdjlmnst]|(?:lors|puis|quoi|pres|jus|quel)?qu|aujourd|prud|entr)')(?=[\w«{%])",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"\{#.*?#\}")
# Names are shown as the State publishes them or as somebody typed them, and are looked for so.
_AS_PUBLISHED = ("communes", "departements", "regions_", "region_mergers", "missions_locales")
_INVENTED_NAMES = ROOT / "indicators" / "generation" / "structures.py"


def curled(text: str) -> str:
    """Return the text with a typographic apostrophe in each elision."""
    return _ELISION.sub(lambda elision: elision[1][:-1] + "’", text)


def curled_template(text: str) -> str:
    """Return the template, its comments untouched: nobody reads them on screen."""
    parts = re.split(f"({_COMMENT.pattern})", text)
    return "".join(part if _COMMENT.fullmatch(part) else curled(part) for part in parts)


def curled_python(source: str) -> str:
    """Return the module with its literals curled; docstrings and comments are English."""
    docstrings = _starts_of_docstrings(source)
    lines = source.splitlines(keepends=True)
    for start, end in _literals(source):
        if start not in docstrings:
            _curl_between(lines, start, end)
    return "".join(lines)


def _literals(source: str) -> Iterator[tuple[Place, Place]]:
    """Yield where each literal starts and ends; since Python 3.12 an f-string is many tokens."""
    opened: list[Place] = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind = tokenize.tok_name[token.type]
        if kind == "FSTRING_START":
            opened.append(token.start)
        elif kind == "FSTRING_END":
            yield opened.pop(), token.end
        elif kind == "STRING":
            yield token.start, token.end


def _starts_of_docstrings(source: str) -> set[Place]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    firsts = [
        node.body[0]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, owners) and node.body
    ]
    return {
        (first.lineno, first.col_offset)
        for first in firsts
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    }


def _curl_between(lines: list[str], start: Place, end: Place) -> None:
    """Curl a literal where it stands; no character is added, so every position holds."""
    for number in range(start[0], end[0] + 1):
        line = lines[number - 1]
        opens = start[1] if number == start[0] else 0
        closes = end[1] if number == end[0] else len(line)
        lines[number - 1] = line[:opens] + curled(line[opens:closes]) + line[closes:]


def read(path: Path) -> str:
    """Return the text of a file, ends of lines as they are."""
    return path.read_bytes().decode()


def files(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Yield each file that writes for a reader, with its text as it should be."""
    for path in sorted((root / "templates").rglob("*.*")):
        yield path, curled_template(read(path))
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            if path != _INVENTED_NAMES:
                yield path, curled_python(read(path))
        for path in sorted((root / package / "data").glob("*.csv")):
            if not path.name.startswith(_AS_PUBLISHED):
                yield path, curled(read(path))
    for path in sorted((root / "static").glob("*.js")):
        yield path, curled(read(path))
    verifier = root / "scripts" / "verify_edition.py"
    yield verifier, curled(read(verifier))  # French from its docstring on


def main(arguments: list[str]) -> int:
    wrong = [(path, text) for path, text in files() if read(path) != text]
    if "--fix" in arguments:
        for path, text in wrong:
            path.write_bytes(text.encode())
        return 0
    for path, text in wrong:
        pairs = zip(read(path).splitlines(), text.splitlines(), strict=True)
        for number, (line, right) in enumerate(pairs, 1):
            if line != right:
                print(f"{path.relative_to(ROOT)}:{number}: apostrophe droite : {line.strip()}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
