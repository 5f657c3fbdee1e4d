"""Login, switch of membership, and the passwords that people choose by a link."""

from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST
from kombu.exceptions import OperationalError

from regions import actions, links, tasks, throttle
from regions.forms import ForgottenForm, LoginForm, PasswordForm
from regions.models import User
from regions.permissions import Permission, public, require
from sprocep import errors, tenancy
from sprocep.errors import ActionRefused
from sprocep.form_pages import FORM_PAGE

LEAVE_FIRST = "Vous êtes connecté : déconnectez-vous avant de choisir un mot de passe par un lien."
CHOSEN = "Votre mot de passe est enregistré. Connectez-vous."
NO_MAIL = (
    "Aucun courriel ne peut partir en ce moment. Rien n’est perdu : recommencez dans quelques "
    "minutes."
)


class Login(LoginView):
    template_name = "regions/login.html"
    authentication_form = LoginForm
    redirect_authenticated_user = True

    def form_valid(self, form: LoginForm) -> HttpResponse:
        response = super().form_valid(form)
        throttle.remember_device(self.request, response, form.get_user().email)
        return response

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, "busy"):
            response.status_code = 503
            response["Retry-After"] = "1"
        return response


login = public(Login.as_view())


@public
@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    # Done once the scope is closed: a read-only role may log out too.
    request.ends_login = True
    return redirect("regions:login")


@require(Permission.READ_HOME)
@require_POST
def switch_membership(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("membership", "")
    if wanted not in {str(m.public_id) for m in request.memberships}:
        raise Http404
    request.session["membership"] = wanted
    return redirect("regions:home")


# ── Links ────────────────────────────────────────────────────────────────────────────────────


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def forgotten_password(request: HttpRequest) -> HttpResponse:
    """One answer, after one ring of the worker, whether the address is known or not."""
    if request.user.is_authenticated:
        return _leave_first(request)
    form = ForgottenForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        context = {
            "form": form,
            "heading": "Mot de passe oublié",
            "lead": "Un lien pour en choisir un autre vous est envoyé par courriel.",
            "send": "Recevoir un lien",
            "back": ("Revenir à la connexion", reverse("regions:login")),
        }
        return render(request, FORM_PAGE, context)
    user = User.objects.filter(email=form.cleaned_data["email"]).first()
    try:
        tasks.send_reset_link.delay(user.pk if user else 0)
    except OperationalError:
        return errors.page(request, 503, NO_MAIL)
    return render(request, "regions/link_sent.html", {"email": form.cleaned_data["email"]})


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    return _choose_password(request, links.INVITATION, token)


@public
@require_http_methods(["GET", "POST"])
@cache_control(no_store=True)
def reset_password(request: HttpRequest, token: str) -> HttpResponse:
    return _choose_password(request, links.RESET, token)


def _choose_password(request: HttpRequest, link: links.Link, token: str) -> HttpResponse:
    if request.user.is_authenticated:
        return _leave_first(request)
    user = links.holder(link, token)
    if user is None:
        is_first = link is links.INVITATION
        return render(request, "regions/link_over.html", {"is_first": is_first}, status=410)
    form = PasswordForm(request.POST or None, initial={"email": user.email})
    if request.method == "POST" and form.is_valid() and _chosen(form, user):
        messages.success(request, CHOSEN)
        response = redirect("regions:login")
        throttle.remember_device(request, response, user.email)
        return response
    context = {"form": form, "heading": "Choisir un mot de passe", "send": "Enregistrer"}
    return render(request, FORM_PAGE, context)


def _chosen(form: PasswordForm, user: User) -> bool:
    try:
        with tenancy.scope(regions=[tenancy.NATION]):
            actions.choose_password(by=user, password=form.cleaned_data["password"])
    except ActionRefused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _leave_first(request: HttpRequest) -> HttpResponse:
    messages.warning(request, LEAVE_FIRST)
    return redirect("regions:home")
