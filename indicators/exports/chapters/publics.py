"""Who is received at the desk, who enters the CEP, why, and what is done with them."""

from dataclasses import replace

from indicators.definitions import TOTAL
from indicators.exports.chapters import colors
from indicators.exports.chapters.layout import (
    TWIN,
    UNSTATED,
    Breakdown,
    Category,
    categories,
    counted_since,
    crossing,
    getter,
    section,
    share_table,
    stacked_shares,
)
from indicators.exports.figures import Entry, added, share
from indicators.exports.parts import Chapter, Chart, Column, Line, Material, Section, Table
from indicators.exports.wording import text
from sprocep.rendering import charts
from sprocep.templatetags import french

_LEVELLED = ("education_level",)
_SHORT_LISTS = ("boeth", "residence_area")
_AT_ENTRY = "Profil déclaré à l’ouverture du parcours."
_RECEPTION = (
    Breakdown(
        "A6-theme", "Sur quels thèmes ?", "A6", "theme", "Accueils selon le thème", by_level=False
    ),
    Breakdown(
        "A6-steering_result",
        "Avec quelle suite ?",
        "A6",
        "steering_result",
        "Accueils selon leur résultat",
        by_level=False,
    ),
    Breakdown(
        "A6-channel", "Par quel canal ?", "A6", "channel", "Accueils selon le canal", by_level=False
    ),
    Breakdown(
        "A6-network",
        "Dans quels réseaux ?",
        "A6",
        "network",
        "Accueils selon le réseau",
        by_level=False,
        zeros_too=False,
        notes=("Les réseaux sans aucun accueil ne sont pas listés.",),
    ),
)
_ARRIVAL = Breakdown(
    "A7-arrival",
    "Comment arrivent les personnes ?",
    "A7",
    "arrival",
    "Entrées selon la venue",
    by_level=False,
    is_drawn=False,
    notes=(
        "Qui donne le code de son accueil compte à l’accueil et à l’entrée : retranchez ces "
        "entrées pour compter chaque personne une fois.",
    ),
)
_PROFILES = (
    ("B2", "education_level", "Avec quel niveau de formation ?", "le niveau de formation", True),
    ("B3", "situation", "Dans quelle situation ?", "la situation", False),
    (
        "B4",
        "socio_professional_category",
        "De quelle catégorie socioprofessionnelle ?",
        "la catégorie socioprofessionnelle",
        False,
    ),
    ("B6", "sector", "De quels secteurs d’activité ?", "le secteur d’activité", False),
    ("B7", "contract_type", "Sous quel contrat ?", "le type de contrat", False),
    ("B8", "residence_area", "Rural ou urbain ?", "la commune de résidence", False),
    ("B5", "boeth", "Avec une reconnaissance de handicap ?", "l’obligation d’emploi", False),
)
_NOTES = {
    "residence_area": (
        "Par convention, une commune de moins de 2\N{NARROW NO-BREAK SPACE}000 habitants est dite "
        "rurale.",
    ),
    "boeth": ("Donnée de santé : un zéro y est protégé comme une petite valeur.",),
}


def reception(given: Material) -> Chapter:
    themes, *others = (section(given, asked) for asked in _RECEPTION)
    return Chapter(
        "accueil",
        "Accueil de niveau 1",
        "Que trouve-t-on à l’accueil ?",
        # In this order the pages of the paper are filled.
        (themes, *counted_since(given, _ARRIVAL), *others),
    )


def publics(given: Material) -> Chapter:
    return Chapter(
        "publics",
        "Publics",
        "Qui vient ?",
        (_sex_and_age(given), *(_profile(given, *profile) for profile in _PROFILES)),
    )


def _profile(
    given: Material, code: str, breakdown: str, title: str, by: str, is_ordered: bool
) -> Section:
    asked = Breakdown(
        f"{code}-{breakdown}",
        title,
        code,
        breakdown,
        f"Entrées selon {by}",
        is_ordered=is_ordered,
        by_level=breakdown in _LEVELLED,
        seen_too=True,
        notes=(*_NOTES.get(breakdown, ()), _AT_ENTRY),
    )
    asked = replace(asked, notes=(*asked.notes, _filled(given, asked)))
    if breakdown not in _SHORT_LISTS:
        return section(given, asked)
    found = categories(given, asked)
    return Section(
        slug=asked.slug,
        title=title,
        table=share_table(given, asked, found),
        chart=stacked_shares(given, asked, colors.PARTS),
        notes=asked.notes,
        detail=crossing(given, asked, found),
        indicator=asked.indicator,
        field=asked.field,
    )


def _filled(given: Material, asked: Breakdown) -> str:
    """The share of entries whose profile is known: what is left of 100 by « non renseigné »."""
    get = getter(given.now, asked)
    unstated = added(
        get(code)
        for code, label in given.labels[asked.breakdown].items()
        if label.lower().endswith(UNSTATED.lower())
    )
    part = share(unstated, get(TOTAL))
    known = replace(part, value=100 - part.value) if part.is_published else part
    words = text(known) if known.is_published else french.SIGNS[known.status][1]
    return f"Part des profils renseignés : {words}."


_SEX_AGE = Breakdown(
    "B1-sex_age",
    "De quel sexe et de quel âge ?",
    "B1",
    "sex_age",
    "Entrées selon le sexe et la tranche d’âge",
    is_ordered=True,
    seen_too=True,
)


def _sex_and_age(given: Material) -> Section:
    found = categories(given, _SEX_AGE)
    return Section(
        slug=_SEX_AGE.slug,
        title=_SEX_AGE.title,
        table=share_table(given, _SEX_AGE, found),
        chart=_sexes_chart(given, found),
        notes=("Âge à l’ouverture du parcours.", _filled(given, _SEX_AGE)),
        detail=crossing(given, _SEX_AGE, found),
        indicator=_SEX_AGE.indicator,
        field=_SEX_AGE.field,
    )


def _sexes_chart(given: Material, found: list[Category]) -> Chart | None:
    by_code = {category.code: category for category in found}
    marks = []
    for age, label in given.labels["age"].items():
        for sex in colors.SEXES:
            category = by_code.get(f"{sex}|{age}")
            if category is None:
                continue
            entry = category.entry
            value = float(entry.value) if entry.is_published else None
            marks.append(charts.Mark(label, value, text(entry), given.labels["sex"][sex]))
    if not any(mark.value for mark in marks):
        return None
    shape = charts.PairedBars(
        marks,
        series={given.labels["sex"][sex]: color for sex, color in colors.SEXES.items()},
        title=_SEX_AGE.subject,
        subtitle=f"{given.where_and_when} · parcours",
    )
    values = ", ".join(f"{mark.label}, {mark.series.lower()} {mark.text}" for mark in marks[:4])
    alt = f"{_SEX_AGE.subject}, {given.where_and_when}. {values}. {TWIN}"
    return Chart("chart-B1-sex_age.svg", alt, shape)


# ── Reasons ──────────────────────────────────────────────────────────────────────────────────

_MAIN = Breakdown(
    "C1-reason",
    "Quel motif d’abord ?",
    "C1.main",
    "reason",
    "Entrées selon le motif principal",
    by_level=False,
    notes=(
        "« Tous motifs » compte un parcours sous chacun de ses motifs : ces parts font plus "
        "de 100\N{NO-BREAK SPACE}%.",
    ),
)


def reasons(given: Material) -> Chapter:
    main = section(given, _MAIN)
    every = getter(given.now, Breakdown("", "", "C1.all", "reason", ""))
    codes = [TOTAL, *(category.code for category in categories(given, _MAIN))]
    lines = tuple(
        Line(line.label, (*line.entries, every(code), _share_of_all(every, code)), line.is_total)
        for line, code in zip(main.table.lines, codes, strict=True)
    )
    columns = (
        *main.table.columns,
        Column("Nombre", group="Tous motifs"),
        Column("Part", "share", "Tous motifs"),
    )
    table = Table(main.table.caption, main.table.label_head, columns, lines)
    with_all = replace(main, table=table)
    return Chapter("motifs", "Motifs", "Pourquoi viennent-elles ?", (with_all,))


def _share_of_all(every, code: str) -> Entry:
    return share(every(code), every(TOTAL))


# ── Services and channels ────────────────────────────────────────────────────────────────────

_SERVICES = (
    Breakdown("D1-service", "Quels services ?", "D1", "service", "Services mobilisés"),
    Breakdown("F1-channel", "Par quel canal ?", "F1", "channel", "Entretiens selon le canal"),
)


def services(given: Material) -> Chapter:
    return Chapter(
        "services",
        "Services",
        "Que leur propose-t-on ?",
        tuple(section(given, asked) for asked in _SERVICES),
    )
