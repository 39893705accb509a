"""The life cycle of a request for credentials, and why one failed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from kernel.state_transitions import Transitions


class CredentialState(TextChoices):
    WAITING = "waiting", _("waiting")
    READY = "ready", _("ready to be collected")
    COLLECTED = "collected", _("collected")
    LAPSED = "lapsed", _("not collected in time")
    FAILED = "failed", _("failed")


class CredentialProblem(TextChoices):
    """The case of a failure; the API says what to do about each."""

    NONE = "", ""
    NOT_TRUSTED = "not_trusted", _("the role does not trust the workers")
    ACCESS_ENDED = "access_ended", _("the access has ended, or ends too soon")
    REFUSED = "refused", _("Lake Formation refused it")
    TOO_LONG = "too_long", _("it took too long")
    UNEXPECTED = "unexpected", _("an unexpected error")


CREDENTIAL_TRANSITIONS = Transitions(
    CredentialState,
    {
        CredentialState.WAITING: {CredentialState.READY, CredentialState.FAILED},
        CredentialState.READY: {CredentialState.COLLECTED, CredentialState.LAPSED},
    },
)
