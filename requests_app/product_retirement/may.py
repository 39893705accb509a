"""Who may retire a data product: those who may deprecate it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.product_lifecycle.actions import may_deprecate_product
from catalog.product_lifecycle.models import Retirement, RetirementState
from catalog.products.models import DataProduct
from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_schedule_retirement(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_call_off_retirement(person: Person, product: DataProduct) -> Verdict:
    return may_deprecate_product(person, product)


def may_end_retired_grant(retirement: Retirement, now: datetime) -> Verdict:
    """The engine's, of a retirement that is due."""
    return may_retire_product(retirement, now)


def may_close_retired_item(retirement: Retirement, now: datetime) -> Verdict:
    """The engine's, of a retirement that is due."""
    return may_retire_product(retirement, now)


def may_warn_of_retirement(retirement: Retirement, now: datetime) -> Verdict:
    """The engine's: once, within the days of warning."""
    is_soon = now < retirement.due_at <= now + timedelta(days=settings.WARN_DAYS)
    if retirement.state == RetirementState.SCHEDULED and retirement.warned_at is None and is_soon:
        return ALLOWED
    return refusal(_("The retirement is not soon, or consumers were told."))


def may_retire_product(retirement: Retirement, now: datetime) -> Verdict:
    """The engine's: only time allows it."""
    if retirement.state == RetirementState.SCHEDULED and retirement.due_at <= now:
        return ALLOWED
    return refusal(_("The retirement is not due."))
