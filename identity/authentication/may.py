"""Who may change, reset and ask to reset a password: only its own person."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from identity.authentication.models import PasswordResetRequest
from identity.authentication.tokens import password_reset_tokens
from identity.people.attempt_limits import AttemptLimit, describe_end
from identity.people.may import may_act
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal

PASSWORD_RESET_LIMIT = AttemptLimit(timedelta(hours=1), per_email=3, per_address=20)


def may_change_password(person: Person) -> Verdict:
    """People who sign in only by an identity provider have no password here."""
    if not (active := may_act(person)):
        return active
    if not person.has_usable_password():
        return refusal(
            _(
                "You have no password in Meshmarket: you sign in with your organization's account. Change its password there."
            )
        )
    return ALLOWED


def may_end_other_sessions(person: Person) -> Verdict:
    return may_act(person)


def may_request_password_reset(email: str, address: str, now: datetime) -> Verdict:
    """Whether another request is allowed, whether or not the e-mail is known."""
    end = PASSWORD_RESET_LIMIT.find_end(PasswordResetRequest.objects.all(), email, address, now)
    if end is None:
        return ALLOWED
    return refusal(
        _("Too many requests to reset a password. Try again after %(time)s (%(zone)s).") % describe_end(end)
    )


def may_reset_password(person: Person, token: str) -> Verdict:
    """The token is the person's and valid, and they have a password that they can sign in with."""
    if may_receive_password_reset(person) and password_reset_tokens.check_token(person, token):
        return ALLOWED
    return refusal(_("This link has expired or was already used."))


def may_receive_password_reset(person: Person) -> Verdict:
    """As for a change; what hinders it is not told to whoever asks."""
    return may_change_password(person)
