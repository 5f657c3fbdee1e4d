"""A page that is one form: `templates/form_page.html` (context: docs/screens.md). A form that is
one button: what it did is told."""

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from sprocep.errors import ActionRefused

FORM_PAGE = "form_page.html"


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
