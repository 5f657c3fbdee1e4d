"""What a reader must know to use the figures: the same words in the PDF and in the workbooks."""

from django.utils.text import capfirst

from indicators.definitions import LEGAL_SOURCE
from indicators.exports.parts import SOURCE
from indicators.exports.report import Report
from indicators.exports.secret import secret_sentence
from indicators.exports.similar import HOW_MANY
from indicators.exports.wording import STATUSES
from indicators.models import SecrecyThreshold
from sprocep.templatetags import french

METHOD = (
    "Chaque entretien enregistré par un opérateur du conseil en évolution professionnelle, et "
    "chaque accueil de niveau 1 enregistré par une structure du SPRO, est compté à sa propre date, "
    "dans le département où il a eu lieu. Rien n’est redressé ni estimé."
)

COUNTING = (
    (
        "Entrées et bénéficiaires sont deux comptages",
        "Un parcours est une entrée quand il s’ouvre. Un bénéficiaire est une personne, "
        "reconnue par une empreinte sans nom, comptée une fois par territoire.",
    ),
    (
        "Ce qui ne s’additionne pas",
        "Personnes, médianes et quantiles ne s’additionnent pas entre opérateurs, départements "
        "ou périodes : chaque niveau est recalculé à partir des faits.",
    ),
)

COMPARISONS = (
    (
        "Comparaisons",
        "Avec les éditions scellées de la période précédente, de la même période un an avant, "
        "de la France et des territoires semblables. Là où la Région n’existait pas encore, "
        "ses valeurs en limites constantes en tiennent lieu.",
    ),
    (
        "Territoires semblables",
        f"Les {HOW_MANY} Régions de la date les plus proches par leur population et par la "
        "part de leurs habitants en commune rurale. Parcours, entretiens, services et accueils "
        "sont leur somme ; personnes, moyennes et quantiles, la médiane de leurs valeurs. Une "
        "valeur secrète ou manquante de l’une d’elles n’est remplacée par rien.",
    ),
)

SIGNS = ("Signes", " ; ".join(f"« {sign} », {meaning}" for sign, _, meaning in STATUSES) + ".")

FILES = (
    ("Sources", f"{capfirst(SOURCE.removeprefix('Source : '))} Indicateurs : {LEGAL_SOURCE}."),
    (
        "Sceau",
        "Les valeurs de l’édition donnent une empreinte SHA-256, imprimée en couverture du "
        "PDF. Le sceau chaîné couvre aussi celui de l’édition scellée juste avant pour le même "
        "territoire ; une Région née d’une fusion commence sa propre chaîne. Une correction "
        "est une nouvelle édition ; l’ancienne reste lisible.",
    ),
    (
        "Tous les tableaux",
        "Par niveau et par catégorie d’opérateur, ils sont dans les classeurs XLSX et ODS et "
        "dans le CSV de l’édition.",
    ),
)


def notes(report: Report) -> list[tuple[str, str]]:
    """(subject, text), without the method itself."""
    return [
        *_correction(report),
        *COUNTING,
        ("Limites", f"{capfirst(report.borders_label)}. Les noms sont ceux de la date."),
        *COMPARISONS,
        (
            "Complétude",
            f"{french.share(report.completeness)} des remontées attendues sont arrivées. Ce qui "
            "n’est pas arrivé n’est pas estimé.",
        ),
        ("Secret", _secrecy(report)),
        SIGNS,
        ("Arrondi", report.rounding),
        *FILES,
    ]


def _correction(report: Report) -> list[tuple[str, str]]:
    """Of an erratum: what it replaces, and why."""
    edition = report.edition
    if not report.block.is_edition or edition.supersedes_id is None:
        return []
    return [("Erratum", f"Cette édition remplace {edition.supersedes.code}. {edition.cause}")]


def _secrecy(report: Report) -> str:
    tried = report.edition.attack_report
    return (
        f"{capfirst(report.notice)}. Une case qui porte sur 1 à {_threshold(report) - 1} unités "
        "n’est pas publiée ; un neuvième décile demande 30 parcours, fiches ou demandes."
        f"{f' {secret_sentence(tried)}' if tried else ''}"
    )


def _threshold(report: Report) -> int:
    """k, as it was in force on the last day of the period."""
    dated = SecrecyThreshold.objects.filter(starts_on__lte=report.period.last_day)
    return dated.latest("starts_on").k
