"""Service tokens that a person may see."""

from django.db.models import F, QuerySet

from identity.errors import NotFoundError
from identity.people.models import Person
from identity.service_tokens.may import visible_service_tokens
from identity.service_tokens.models import ServiceToken


def list_service_tokens(person: Person) -> QuerySet[ServiceToken]:
    """Those in use first, then newest first."""
    rows = visible_service_tokens(person).select_related("team", "created_by", "revoked_by")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-pk")


def get_service_token(person: Person, pk: int) -> ServiceToken:
    """NotFoundError for whoever may not see it."""
    found = list_service_tokens(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found
