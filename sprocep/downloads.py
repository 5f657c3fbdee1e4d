"""What a browser or a program takes away: under its name, in a version that it reads."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse


def attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def versioned_json(
    request: HttpRequest, versions: Mapping[int, Callable[[], dict]]
) -> HttpResponse:
    """The newest version that `Accept` takes (RFC 9110, § 12.5.1), as `application/json;
    version=1`; else 406, with those that exist."""
    offered = {f"application/json; version={number}": number for number in sorted(versions)[::-1]}
    chosen = request.get_preferred_type(list(offered))
    if chosen is None:
        return HttpResponse(
            f"Ce fichier n’existe pas dans la version demandée. Demandez : {', '.join(offered)}.",
            status=HTTPStatus.NOT_ACCEPTABLE,
            content_type="text/plain; charset=utf-8",
        )
    content = versions[offered[chosen]]()
    dumped = {"ensure_ascii": False}
    response = JsonResponse(content, json_dumps_params=dumped, content_type=chosen)
    response["Vary"] = "Accept"
    return response
