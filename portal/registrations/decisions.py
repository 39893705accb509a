"""Runs a decision, and shows at its form why it was refused."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from identity.errors import ForbiddenError, IllegalTransitionError, RefusedError
from portal.pages.forms import add_refusal
from portal.registrations.forms import DecisionForm


def run_decision(form: DecisionForm, decide: Callable[[], object]) -> bool:
    """False if the form has errors, which a refusal adds to it."""
    if not form.is_valid():
        return False
    try:
        decide()
    except RefusedError as error:
        add_refusal(form, error, reason="comment", effects_hash="")
    except ForbiddenError as error:
        form.add_error(None, error.verdict.reason)
    except IllegalTransitionError:
        form.add_error(None, _("It was decided in the meantime."))
    else:
        return True
    return False
