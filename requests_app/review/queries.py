"""Items that a person reviews, and those that they may decide on."""

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from identity.accounts import Principal
from identity.people.may import get_memberships, get_platform_roles, get_team_ids
from identity.people.models import Membership, Person
from requests_app.access_requests.may import (
    PLATFORM_DECIDER_ROLES,
    build_member_at_request_filter,
    build_owner_filter,
    build_requester_filter,
    list_approvals_by,
    list_visible_items,
)
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.queries import (
    COMMENT_AND_CHANGE_FIELDS,
    ITEM_VISIBILITY_FIELDS,
    get_visible_item,
    prefetch_item_rows,
)
from requests_app.access_requests.states import ItemState
from requests_app.policy_engine.rules import DeciderRole
from requests_app.review.delegation.queries import list_deciding_teams


def get_item_for_review(person: Person, pk: int) -> RequestItem:
    """The item with all that its review and progress show. NotFoundError."""
    others = RequestItem.objects.filter(request=OuterRef("request")).exclude(pk=OuterRef("pk"))
    members = Membership.objects.filter(
        team=OuterRef("request__principal__account__team"), person__is_active=True
    )
    counted = members.order_by().values("team").values_list(Count("person", distinct=True))
    rows = prefetch_item_rows(RequestItem.objects.all()).annotate(
        is_alone=~Exists(others), account_member_count=Coalesce(Subquery(counted), 0)
    )
    return get_visible_item(rows.prefetch_related(*COMMENT_AND_CHANGE_FIELDS), person, pk)


def get_item_with_columns(person: Person, pk: int) -> RequestItem:
    """The item with the columns of its table. NotFoundError."""
    rows = RequestItem.objects.select_related(*ITEM_VISIBILITY_FIELDS).prefetch_related("table__columns")
    return get_visible_item(rows, person, pk)


def list_other_items(person: Person, item: RequestItem) -> QuerySet[RequestItem]:
    """The other items of the same request that the person may see. No query for one that `get_item_for_review` found alone."""
    if getattr(item, "is_alone", False):
        return RequestItem.objects.none()
    others = list_visible_items(person).filter(request=item.request_id).exclude(pk=item.pk)
    return others.select_related("table__database", "product").order_by("pk")


def list_inbox(person: Person) -> QuerySet[RequestItem]:
    """Items that wait for this person's decision, longest waiting first; those of deactivated requesters among them."""
    return prefetch_item_rows(list_decidable_items(person)).order_by("pk")


def list_decided_items(person: Person) -> QuerySet[RequestItem]:
    """Items that the person has decided on and may still see, newest first."""
    theirs = Decision.objects.filter(decided_by=person).values("item")
    return prefetch_item_rows(list_visible_items(person).filter(pk__in=theirs)).order_by("-pk")


def list_decidable_items(person: Person) -> QuerySet[RequestItem]:
    """The same, without what a list shows of them, in no order."""
    held = get_memberships(person)
    theirs = Q(pk__in=())
    for team, owner in list_deciding_teams(person):
        # What its owner could not decide, nobody decides for them.
        beyond = (
            ~(build_requester_filter(owner, get_team_ids(owner)) | build_member_at_request_filter(owner))
            if owner
            else Q()
        )
        theirs |= build_owner_filter(frozenset({team})) & _build_turn_filter(DeciderRole.OWNER) & beyond
    for role in get_platform_roles(person) & PLATFORM_DECIDER_ROLES:
        theirs |= _build_turn_filter(DeciderRole(role))
    theirs &= ~build_requester_filter(
        person, frozenset(team for team, _role in held)
    ) & ~build_member_at_request_filter(person)
    if leading := [team for team, role in held if role == Membership.Role.LEAD]:
        theirs |= Q(request__team__in=leading) & _build_turn_filter(DeciderRole.LEAD)
    agreed = RequestItem.objects.filter(
        Exists(list_approvals_by(person)), ~Q(agreed_hash=""), ~Q(waits_for=[])
    )
    theirs_to_use = Principal.objects.filter(owner=person)
    waiting = RequestItem.objects.filter(state=ItemState.SUBMITTED).exclude(requester=person)
    waiting = waiting.exclude(request__taken_over_ids__contains=[person.pk])
    waiting = waiting.exclude(request__principal__in=theirs_to_use)
    return waiting.filter(theirs).exclude(pk__in=agreed.filter(state=ItemState.SUBMITTED).values("pk"))


def _build_turn_filter(role: DeciderRole) -> Q:
    """Where everybody has agreed and only the rules changed, anyone whose yes was needed brings it to its end."""
    return Q(waits_for__contains=[role.value]) | Q(waits_for=[], needed_from__contains=[role.value])
