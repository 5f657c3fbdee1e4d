"""All Regions of a period in one ZIP."""

import tempfile

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from indicators.exports.bundle import bundle_name, readiness, write_bundle
from regions.permissions import Permission, require_any
from sprocep import errors
from sprocep.errors import ActionRefused
from sprocep.periods import Period


@require_any(Permission.READ_OWN_DASHBOARD, Permission.READ_ALL_DASHBOARDS)
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
