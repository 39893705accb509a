"""Requests and grants whose requester is deactivated."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from identity.people.may import get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.clock import Now
from requests_app.access_requests.may import build_owner_filter
from requests_app.access_requests.models import AccessRequest, RequestItem
from requests_app.access_requests.states import OPEN_ITEM_STATES
from requests_app.grants.models import Grant
from requests_app.grants.queries import GRANT_RELATED_FIELDS
from requests_app.grants.states import GrantState
from requests_app.leavers.models import Departure

NEEDS_TAKE_OVER = Q(state__in=OPEN_ITEM_STATES) | Q(grant__state=GrantState.LIVE, grant__ends_at__gt=Now())


def list_leaver_items() -> QuerySet[RequestItem]:
    """What waits or is live, and nobody answers for. By a union, so that it begins at the few who have left."""
    asked = AccessRequest.objects.filter(requester__is_active=False, taken_over_by=None)
    taken_over = AccessRequest.objects.filter(taken_over_by__is_active=False)
    return RequestItem.objects.filter(
        NEEDS_TAKE_OVER, request__in=asked.values("pk").union(taken_over.values("pk"))
    )


def list_unreported_items() -> QuerySet[RequestItem]:
    """Lists items about which nobody has been told yet."""
    who = Coalesce("request__taken_over_by", "requester")
    reported = Departure.objects.filter(item=OuterRef("pk"), person=OuterRef("who"))
    return list_leaver_items().annotate(who=who).filter(~Exists(reported))


def list_leaver_grants(person: Person) -> QuerySet[Grant]:
    """Live grants of people who have left, on data that the person answers for; the longest granted first.

    The items come first, by a short query: mostly there are none, and to plan the long one takes ten times as long.
    """
    left = list(list_leaver_items().filter(grant__isnull=False).values_list("pk", flat=True))
    if not left:
        return Grant.objects.none()
    theirs = RequestItem.objects.filter(
        build_owner_filter(get_team_ids_with_role(person, Membership.Role.DATA_OWNER)), pk__in=left
    )
    return Grant.objects.filter(item__in=theirs).select_related(*GRANT_RELATED_FIELDS).order_by("pk")


def list_leaver_requests(person: Person) -> QuerySet[AccessRequest]:
    """Requests that somebody left in the person's teams, and that they could take over or close; the oldest first."""
    left = list_leaver_items().filter(request__team__in=get_team_ids(person)).values("request")
    rows = AccessRequest.objects.filter(pk__in=left)
    return rows.select_related(
        "requester", "taken_over_by", "team", "principal__account__team", "group"
    ).order_by("pk")
