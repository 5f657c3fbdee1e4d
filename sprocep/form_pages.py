"""A page that is one form: `templates/form_page.html` (context: docs/screens.md), which is stored
once. A form that is one button: what it did is told."""

import uuid
from collections.abc import Callable
from functools import partial, wraps

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from sprocep.errors import ActionRefused

View = Callable[..., HttpResponse]

FORM_PAGE = "form_page.html"
SENT_PAGE = "form_sent.html"
ALREADY_SENT = (
    "Ce formulaire était déjà enregistré : il ne l’est qu’une fois. Pour changer ce qui est "
    "enregistré, corrigez-le."
)
# Names of the key: in the address, of a draft in the address, and in the form.
KEY, DRAFT_KEY, KEY_FIELD = "k", "brouillon", "key"
# In the session of a login: by key, the address that each stored form led to.
SENT = "sent"
MOST_REMEMBERED = 200


# ── A form that is stored once ───────────────────────────────────────────────────────────────


def form_page(
    view: View | None = None, *, is_remembered: bool = True, is_compared: bool = False
) -> View:
    """Decorate a page whose form writes: what is typed there is stored once (docs/adr/0063).

    A browser is sent to an address that carries a key. « Back », a reload and a duplicated tab ask
    for that address again, so for the same key: once it is stored, the page says so. The view
    reads the key in `request.form_key`, and may say in `request.stored_at` where its row is read.

    Args:
        is_remembered: False where even a login must not tell that its form was sent.
        is_compared: whether the view itself says that another text is not stored under a used key.
    """
    if view is None:
        return partial(form_page, is_remembered=is_remembered, is_compared=is_compared)

    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def keyed(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        key = _key(request)
        if key is None and _is_navigation(request):
            # Opened once more at that address, where the view says whether it is told.
            request.is_unlogged = True
            return redirect(_keyed_address(request))
        sent = request.session.get(SENT, {})
        if str(key) in sent and not (is_compared and request.method == "POST"):
            return _already_sent(request, sent[str(key)])
        request.form_key, request.stored_at = key or uuid.uuid4(), ""
        response = view(request, *args, **kwargs)
        is_stored = request.method == "POST" and response.status_code in (201, 302)
        if key and is_stored and is_remembered:
            _remember(request, key, request.stored_at or response.headers.get("Location", ""))
        return response

    keyed.is_form_page, keyed.is_remembered = True, is_remembered
    return keyed


def _key(request: HttpRequest) -> uuid.UUID | None:
    """Read the key of the form that is sent, else the one of the address."""
    address = request.GET.get(KEY) or request.GET.get(DRAFT_KEY, "")
    try:
        return uuid.UUID(request.POST.get(KEY_FIELD) or address)
    except ValueError:
        return None


def _is_navigation(request: HttpRequest) -> bool:
    """Whether a browser opens a page, which it may come back to: no partial, no program."""
    return request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"


def _keyed_address(request: HttpRequest) -> str:
    address = request.GET.copy()
    address[KEY] = str(uuid.uuid4())
    return f"{request.path}?{address.urlencode()}"


def _remember(request: HttpRequest, key: uuid.UUID, stored_at: str) -> None:
    kept = list(request.session.get(SENT, {}).items())[1 - MOST_REMEMBERED :]
    request.session[SENT] = dict([*kept, (str(key), stored_at)])


def _already_sent(request: HttpRequest, stored_at: str) -> HttpResponse:
    if request.method == "POST" and stored_at:
        messages.warning(request, ALREADY_SENT)
        return redirect(stored_at)
    is_elsewhere = stored_at.partition("?")[0] != request.path
    context = {
        "stored_at": stored_at if is_elsewhere else "",
        "again": _address_without_key(request),
    }
    return render(request, SENT_PAGE, context)


def _address_without_key(request: HttpRequest) -> str:
    address = request.GET.copy()
    for name in (KEY, DRAFT_KEY):
        address.pop(name, None)
    return f"{request.path}?{address.urlencode()}" if address else request.path


# ── What a form does ─────────────────────────────────────────────────────────────────────────


def filled_form(
    request: HttpRequest,
    form: Form,
    act: Callable[[dict], str],
    then: str,
    context: dict,
    template: str = FORM_PAGE,
    **kwargs: str,
) -> HttpResponse:
    """Show the form, or do what `act` does with its values, say what it says, and go to `then`.

    A refusal stands above the form, which keeps what was typed.
    """
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, act(form.cleaned_data))
        except ActionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(then, **kwargs)
    return render(request, template, context | {"form": form})


def tell_outcome(request: HttpRequest, act: Callable[[], str]) -> None:
    """Do what a button does and say what `act` says, or why it is refused."""
    try:
        outcome = act()
    except ActionRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, outcome)
