"""Grants that one call revoked together: named by the moment at which they ended."""

from datetime import UTC, datetime, timedelta

from django.db.models import QuerySet

from identity.people.models import Person
from kernel.errors import NotFoundError
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_visible_grants
from requests_app.grants.states import GrantState

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def bulk_revocation_id(at: datetime) -> int:
    return (at - EPOCH) // MICROSECOND


def get_bulk_revocation(person: Person, pk: int) -> tuple[datetime, QuerySet[Grant]]:
    """When, and those of its grants that the person may see. NotFoundError where there are none."""
    try:
        at = EPOCH + timedelta(microseconds=pk)
    except OverflowError as error:
        raise NotFoundError from error
    grants = list_visible_grants(person).filter(ended_at=at, state=GrantState.REVOKED)
    if not grants.exists():
        raise NotFoundError
    return at, grants
