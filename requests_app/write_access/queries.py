"""Write requests that a person may see, and what is proven of them."""

from datetime import datetime

from django.db.models import QuerySet

from decisions.states import STATE_WORDS, DecisionState
from fulfilment.intents.models import Intent
from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.write_access.may import visible_write_requests
from requests_app.write_access.models import WriteRequest
from requests_app.write_access.states import WriteRequestStatus

RELATED = (
    "table__database__catalog__account",
    "domain__owner_team",
    "principal__account",
    "requested_by",
    "decided_by",
    "ended_by",
    "intent",
)


def list_write_requests(person: Person) -> QuerySet[WriteRequest]:
    """Newest first, with all that a list shows."""
    return visible_write_requests(person).select_related(*RELATED).order_by("-pk")


def get_write_request(person: Person, pk: int) -> WriteRequest:
    """NotFoundError for whoever may not see it."""
    found = list_write_requests(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found


def get_status(row: WriteRequest, now: datetime) -> WriteRequestStatus:
    """By what is proven of its intent at the present generation. No query after `list_write_requests`."""
    intent = row.intent
    if intent is None:
        return WriteRequestStatus(STATE_WORDS.get(row.state, row.state))
    is_over = row.state == DecisionState.ENDED or row.ends_at <= now
    presence = Intent.Presence.ABSENT if is_over else Intent.Presence.PRESENT
    if intent.presence == presence and intent.is_proven:
        return WriteRequestStatus.ENDED if is_over else WriteRequestStatus.ACTIVE
    if intent.has_failed:
        return WriteRequestStatus.FAILED
    return WriteRequestStatus.ENDING if is_over else WriteRequestStatus.GRANTING


def get_problem(row: WriteRequest) -> str:
    """What the workers say about why it is not proven; empty if nothing."""
    return row.intent.failure if row.intent else ""
