"""Who may decide on several items at once, and undo it: those who may decide on each."""

from datetime import datetime

from django.utils.translation import gettext as _

from identity.people.models import Person
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.access_requests.models import Item
from requests_app.review.bulk.models import BulkDecision
from requests_app.review.may import may_approve_item


def may_decide_in_bulk(person: Person, item: Item) -> Verdict:
    """The same people as for a decision on the item alone."""
    return may_approve_item(person, item)


def may_undo_bulk(person: Person, bulk: BulkDecision, now: datetime) -> Verdict:
    """Who decided, until it is due."""
    if bulk.person_id != person.pk or not person.is_active:
        return refused(_("Only the person who decided can undo this."))
    if bulk.taken_until is not None or bulk.done_at is not None or bulk.due_at <= now:
        return refused(_("This is already in progress. You can revoke what was approved."))
    return ALLOWED
