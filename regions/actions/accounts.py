"""Accounts: made without a password, which their holder chooses by a link sent to the address."""

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from regions import hashing, links, queries, returned_mail, throttle
from regions.actions.audit import record
from regions.models import User
from sprocep import mail, tenancy
from sprocep.addresses import on_site
from sprocep.errors import ActionRefused, refusals
from sprocep.tenancy import NATION

NOT_SENT = (
    "Le courriel n’est pas parti : le serveur de messagerie ne répond pas. Le compte est gardé ; "
    "renvoyez l’invitation dans quelques minutes."
)
REFUSED = (
    "Le serveur de messagerie refuse l’adresse {email} : vérifiez-la auprès de la personne. Le "
    "compte est gardé ; si l’adresse est fausse, fermez-le et créez-en un autre."
)


@transaction.atomic
def create_account(*, by: User, email: str) -> User:
    """An account that opens nothing until it has a password and a membership."""
    user = User(email=email.strip().lower())
    user.set_unusable_password()
    with refusals():
        user.save(force_insert=True)
        record(by=by, territory=NATION, action="create_account", obj=user, fields="email")
    return user


@transaction.atomic
def send_invitation(*, by: User, user: User) -> User:
    """Send the link by which the holder of the address chooses a first password.

    Raises:
        ActionRefused: a closed account, one that has a password, a program's; or no letter left.
    """
    if not user.is_active:
        raise ActionRefused("Ce compte est fermé. Rouvrez-le avant de renvoyer une invitation.")
    if user.has_usable_password():
        raise ActionRefused("Cette personne a déjà choisi son mot de passe.")
    if queries.is_of_a_program(user):
        raise ActionRefused("Ce compte est celui d’un logiciel : il n’a pas de mot de passe.")
    record(by=by, territory=NATION, action="send_invitation", obj=user)
    try:
        _send(links.INVITATION, user)
    except OSError as exc:  # what smtplib raises too
        is_refused = mail.refused_for_good(exc)
        raise ActionRefused(REFUSED.format(email=user.email) if is_refused else NOT_SENT) from exc
    return user


@transaction.atomic
def send_reset_link(*, by: User | None, user: User) -> User:
    """Send the link by which the holder of the address chooses another password.

    Asked for again at once, nothing more leaves: a mailbox is not flooded from here.

    Raises:
        OSError: no letter left, nothing is noted, and it may be tried again.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if not user.is_active or queries.is_of_a_program(user) or queries.was_just_sent_a_link(user):
        return user
    record(by=by, territory=NATION, action="send_reset_link", obj=user)
    _send(links.RESET, user)
    return user


def _send(link: links.Link, user: User) -> None:
    address = on_site(reverse(link.route, args=[links.token(link, user)]))
    text = render_to_string(f"mail/{link.purpose}.txt", {"address": address, "email": user.email})
    mail.mail(user.email, link.subject, text).send()


@transaction.atomic
def choose_password(*, by: User, password: str) -> User:
    """The holder of a link chooses; what was open elsewhere under the former one is cut.

    Raises:
        ActionRefused: it was chosen meanwhile.
    """
    user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    is_over = user.password != by.password or not user.is_active
    if is_over or queries.is_of_a_program(user):
        raise ActionRefused("Ce lien a déjà servi. Connectez-vous, ou demandez-en un autre.")
    with hashing.turn(is_known=True):
        user.set_password(password)
    user.save(update_fields=["password"])
    throttle.forget(user.email)
    record(by=user, territory=NATION, action="choose_password", obj=user, fields="password")
    return user


@transaction.atomic
def close_account(*, by: User, user: User) -> User:
    """Cut the account at its next request, whatever its memberships."""
    if user == by:
        raise ActionRefused("Vous ne pouvez pas fermer votre propre compte.")
    return _set_active(by=by, user=user, is_active=False, action="close_account")


@transaction.atomic
def reopen_account(*, by: User, user: User) -> User:
    return _set_active(by=by, user=user, is_active=True, action="reopen_account")


def _set_active(*, by: User, user: User, is_active: bool, action: str) -> User:
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    if user.is_active is not is_active:
        user.is_active = is_active
        user.save(update_fields=["is_active"])
        record(by=by, territory=NATION, action=action, obj=user, fields="is_active")
    return user


@transaction.atomic
def choose_letters(*, by: User, takes_digest: bool, writes_again: bool = False) -> User:
    """How the next letters of this account come; those that wait already keep their day. Whether
    its address, whose mails came back, receives again."""
    user = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if user.takes_digest is not takes_digest:
        user.takes_digest = takes_digest
        user.save(update_fields=["takes_digest"])
        # Of an account, not of the place where its holder happens to be.
        with tenancy.scope(regions=[NATION]):
            record(
                by=user, territory=NATION, action="choose_letters", obj=user, fields="takes_digest"
            )
    if writes_again:
        returned_mail.forget(user.email)
    return user
