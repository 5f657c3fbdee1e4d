"""What a file that somebody joins to a plan is: read from its bytes, never from its name."""

from beneficiaries.models import MOST_BYTES, PlanPaper
from sprocep.errors import ActionRefused

_BEGINNINGS = {
    b"%PDF-": PlanPaper.Kind.PDF,
    b"\xff\xd8\xff": PlanPaper.Kind.JPEG,
    b"\x89PNG\r\n\x1a\n": PlanPaper.Kind.PNG,
}


def kind_of(content: bytes) -> PlanPaper.Kind:
    """Its kind, where a plan takes it.

    Raises:
        ActionRefused: what to do about an empty file, one too large, of another kind, or locked.
    """
    if not content:
        raise ActionRefused("Ce fichier est vide. Choisissez-en un autre.")
    if len(content) > MOST_BYTES:
        raise ActionRefused(
            "Ce fichier dépasse 4 Mo. Numérisez-le en moins fin, ou joignez-le en plusieurs."
        )
    kind = next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)
    if kind is None:
        raise ActionRefused(
            "Ce fichier n’est ni un PDF, ni une image JPEG ou PNG. Enregistrez-le en PDF, puis "
            "choisissez-le à nouveau."
        )
    # The trailer that says so is never compressed (ISO 32000, § 7.5.8, § 7.6.1).
    if kind == PlanPaper.Kind.PDF and b"/Encrypt" in content:
        raise ActionRefused(
            "Ce PDF est protégé par un mot de passe. Enregistrez-en une copie sans protection, "
            "puis choisissez-la."
        )
    return kind
