"""Pages are compressed here, whoever stands in front; static files are when they are collected."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

Answer = Callable[[HttpRequest], HttpResponse]


def compressed_pages(get_response: Answer) -> Answer:
    """Pages alone: files to download are compressed in their own way, or short.

    Django adds a name of random length, so that the length of a page that repeats what was asked
    tells nothing of the rest of it (BREACH); tokens of forms differ at each answer.
    """
    packed = GZipMiddleware(get_response)

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_page = response.headers.get("Content-Type", "").startswith("text/html")
        return packed.process_response(request, response) if is_page else response

    return answer
