"""Rebuild static/vendor/ and static/fonts/ from the installed packages.

    .venv/bin/python scripts/vendor_static.py [--state] [unpacked @fontsource/public-sans]

The result is committed: run this only to change version or to add a component or an icon.
- `dsfr.css`: the DSFR components we use, in DSFR's own order, with its print rules and the few
  icons we use. Its images become data: addresses, so that the file stands alone; the Marianne and
  Spectral typefaces (reserved for the State) are taken out.
- `state.css`, only with `--state`, never committed: the State's brand block and typeface, for an
  installation entitled to them (setting STATE_BRAND).
- `htmx.js`: htmx 2, from django-htmx.
- fonts: Public Sans, regular and bold, Latin (`npm pack @fontsource/public-sans@5.3.0`).
"""

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "static" / "vendor"
FONTS = ROOT / "static" / "fonts"

COMPONENTS = [
    "link",
    "button",
    "form",
    "alert",
    "badge",
    "input",
    "checkbox",
    "radio",
    "select",
    "notice",
    "tag",
    "callout",
    "highlight",
    "breadcrumb",
    "skiplink",
    "navigation",
    "search",
    "upload",
    "pagination",
    "footer",
    "header",
]
ICONS = [
    "add-line",
    "alarm-warning-line",
    "arrow-right-line",
    "calendar-line",
    "check-line",
    "delete-bin-line",
    "download-line",
    "edit-line",
    "error-warning-line",
    "eye-line",
    "file-text-line",
    "filter-line",
    "lock-line",
    "logout-box-r-line",
    "menu-fill",
    "printer-line",
    "question-line",
    "search-line",
    "send-plane-line",
    "time-line",
    "upload-line",
    "user-add-line",
    "user-line",
]


def package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise SystemExit(f"{name} manque: make install")
    return Path(spec.origin).parent


def standalone(css: str, folder: Path) -> str:
    """`css` without typefaces of the State nor comments, its images written inside it."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = re.sub(r'@charset "UTF-8";|/\*!.*?\*/', "", css, flags=re.DOTALL)
    css = re.sub(r"Marianne,arial,sans-serif", '"Public Sans",arial,sans-serif', css)

    def inline(match: re.Match[str]) -> str:
        svg = (folder / match[1]).read_text(encoding="utf-8").strip()
        return f"""url("data:image/svg+xml,{quote(svg, safe=" =:/',;()")}")"""

    return re.sub(r"url\(([^\"')]+\.svg)\)", inline, css)


def icons(dist: Path) -> str:
    rules = []
    for name in ICONS:
        found = sorted(dist.glob(f"icons/*/{name}.svg"))
        if not found:
            raise SystemExit(f"icône inconnue: {name}")
        path = found[0].relative_to(dist).as_posix()
        rules.append(
            f".fr-icon-{name}:before,.fr-icon-{name}:after"
            f"{{-webkit-mask-image:url({path});mask-image:url({path})}}"
        )
    return "\n".join(rules)


def state_brand(dist: Path) -> None:
    faces = []
    for weight, name in ((400, "Regular"), (700, "Bold")):
        shutil.copyfile(dist / f"fonts/Marianne-{name}.woff2", VENDOR / f"Marianne-{name}.woff2")
        faces.append(
            f"@font-face{{font-family:Marianne;font-weight:{weight};font-display:swap;"
            f'src:url("Marianne-{name}.woff2") format("woff2")}}'
        )
    logo = (dist / "component/logo/logo.main.min.css").read_text(encoding="utf-8")
    use = "body,input,select,textarea,button{font-family:Marianne,arial,sans-serif}"
    parts = [*faces, standalone(re.sub(r"url\((?:\.\./)+", "url(", logo), dist), use]
    (VENDOR / "state.css").write_text("\n".join(parts) + "\n", encoding="utf-8")


def main() -> None:
    dist = package("dsfr") / "static" / "dsfr" / "dist"
    version = (dist.parent / "dsfr_version").read_text(encoding="utf-8").strip()
    folders = [dist / "core"] + [dist / "component" / name for name in COMPONENTS]
    parts = [
        f"/*! DSFR {version}, MIT, {len(COMPONENTS)} components: see scripts/vendor_static.py */"
    ]
    for kind in ("main", "print"):
        for folder in folders:
            sheet = folder / f"{folder.name}.{kind}.min.css"
            if sheet.exists():
                css = sheet.read_text(encoding="utf-8")
                # Addresses are relative to the sheet (`../../icons/…`): read them from dist.
                parts.append(standalone(re.sub(r"url\((?:\.\./)+", "url(", css), dist))
        if kind == "main":
            parts.append(standalone(icons(dist), dist))
    VENDOR.mkdir(parents=True, exist_ok=True)
    (VENDOR / "dsfr.css").write_text("\n".join(parts) + "\n", encoding="utf-8")

    htmx = package("django_htmx") / "static" / "django_htmx" / "htmx-2.min.js"
    shutil.copyfile(htmx, VENDOR / "htmx.js")

    arguments = sys.argv[1:]
    if "--state" in arguments:
        arguments.remove("--state")
        state_brand(dist)
    if arguments:
        FONTS.mkdir(parents=True, exist_ok=True)
        source = Path(arguments[0])
        shutil.copyfile(source / "LICENSE", FONTS / "public-sans-OFL.txt")
        for weight, name in ((400, "regular"), (700, "bold")):
            shutil.copyfile(
                source / "files" / f"public-sans-latin-{weight}-normal.woff2",
                FONTS / f"public-sans-{name}.woff2",
            )


if __name__ == "__main__":
    main()
