"""All Regions of a period in one ZIP."""

import tempfile

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_safe

from indicators.exports.bundle import bundle_name, readiness, write_bundle
from indicators.views.editions import READ_DASHBOARDS
from regions.permissions import public, require_any
from sprocep import errors
from sprocep.errors import ActionRefused
from sprocep.periods import Period

VERIFIER = settings.BASE_DIR / "scripts" / "verify_edition.py"


@public
@transaction.non_atomic_requests  # it answers without a database
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The script that checks a file without sprocep, for whoever was given one."""
    return HttpResponse(
        VERIFIER.read_bytes(),
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{VERIFIER.name}"'},
    )


@require_any(*READ_DASHBOARDS)
@require_GET
def download_all(request: HttpRequest, period: Period) -> HttpResponse:
    """Written whole before it is sent: what fails is a page that says why, never half a file."""
    if period.code not in readiness([period.code]):
        raise Http404
    whole = tempfile.TemporaryFile()  # noqa: SIM115 — the answer closes it once it is sent
    try:
        write_bundle(period, whole)
    except ActionRefused as refusal:
        whole.close()
        return errors.page(request, 409, str(refusal))
    whole.seek(0)
    return FileResponse(
        whole, as_attachment=True, filename=bundle_name(period), content_type="application/zip"
    )
