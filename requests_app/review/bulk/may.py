"""Who may decide on several items at once, and undo it: those who may decide on each."""

from datetime import datetime

from django.utils.translation import gettext as _

from identity.people.models import Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.models import RequestItem
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.may import may_approve_item


def may_decide_in_bulk(person: Person, item: RequestItem) -> Verdict:
    """The same people as for a decision on the item alone."""
    return may_approve_item(person, item)


def may_cancel_bulk_decision(person: Person, bulk_decision: BulkDecision, now: datetime) -> Verdict:
    """Who decided, until it is due."""
    if bulk_decision.person_id != person.pk or not person.is_active:
        return refusal(_("Only the person who decided can undo this."))
    if (
        bulk_decision.leased_until is not None
        or bulk_decision.done_at is not None
        or bulk_decision.due_at <= now
    ):
        return refusal(_("This is already in progress. You can revoke what was approved."))
    return ALLOWED
