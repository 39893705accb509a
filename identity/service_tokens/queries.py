"""Service tokens that a person may see."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from identity.people.models import Membership, Person
from identity.service_tokens.may import visible_service_tokens
from identity.service_tokens.models import ServiceToken
from kernel.clock import Now
from kernel.errors import NotFoundError


def list_service_tokens(person: Person) -> QuerySet[ServiceToken]:
    """Those in use first, then newest first."""
    rows = visible_service_tokens(person).select_related("team", "created_by", "revoked_by")
    rows = rows.prefetch_related("created_by__memberships")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-pk")


def list_left_service_tokens() -> QuerySet[ServiceToken]:
    """Tokens in use whose creator has left the team, and whose team has not been told."""
    member = Membership.objects.filter(team=OuterRef("team"), person=OuterRef("created_by"))
    running = ServiceToken.objects.filter(revoked_at=None, creator_left_at=None, expires_at__gt=Now())
    return running.filter(Q(created_by__is_active=False) | ~Exists(member))


def get_service_token(person: Person, pk: int) -> ServiceToken:
    """NotFoundError for whoever may not see it."""
    found = list_service_tokens(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError
    return found
