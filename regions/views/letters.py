"""The letters written to me, and how they come: one by one, or once a day."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from regions import actions, returned_mail
from regions.letter_forms import LettersForm
from regions.models import Letter
from regions.permissions import Permission, require
from sprocep.form_pages import form_page

NEWEST = 50


@require(Permission.RECEIVE_LETTERS)
@form_page
def letters(request: HttpRequest) -> HttpResponse:
    email = request.user.email
    unreached = returned_mail.unreached([email]).get(email)
    form = LettersForm(
        request.POST or None,
        takes_digest=request.user.takes_digest,
        is_refused=unreached is not None,
    )
    if request.method == "POST" and form.is_valid():
        actions.choose_letters(
            by=request.user, takes_digest=form.takes_digest, writes_again=form.writes_again
        )
        messages.success(request, "Votre choix vaut pour les prochains courriels.")
        return redirect("regions:letters")
    context = {
        "form": form,
        "unreached": unreached,
        "letters": Letter.objects.filter(recipient=request.user).order_by("-written_at")[:NEWEST],
        "breadcrumb": [("Ma page", "/"), ("Mes courriels", None)],
    }
    return render(request, "regions/letters.html", context)
