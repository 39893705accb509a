"""Who may see requests and items; the domain, teams and people on each side of an item."""

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.models import DataProduct, Domain
from identity.people.may import (
    READ_ALL_ROLES,
    get_all_roles,
    get_platform_roles,
    get_team_ids,
    get_team_ids_with_role,
)
from identity.people.models import Membership, Person
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.models import AccessRequest, Decision, RequestItem
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import RequestingSide

PLATFORM_DECIDER_ROLES = frozenset({DeciderRole.STEWARD.value, DeciderRole.PRIVACY.value})
"""Of the roles that decide, those that are held across the mesh; their names are those of `PlatformRole`."""


def get_item_domain(item: RequestItem) -> Domain | None:
    """The domain that answers for the item. Its product is read only where the database has no domain."""
    return item.table.database.domain or get_owning_domain(item.table, item.product)


def get_owning_domain(table: Table, product: DataProduct | None) -> Domain | None:
    """The database's domain, else the product's.

    Never the product's first: a product of one domain may hold another domain's table.
    """
    return table.database.domain or (product.domain if product else None)


def build_owner_filter(teams: frozenset[int]) -> Q:
    """Items for whose domain one of these teams answers."""
    return Q(table__database__domain__owner_team__in=teams) | Q(
        table__database__domain__isnull=True, product__domain__owner_team__in=teams
    )


def build_requester_filter(person: Person, teams: frozenset[int]) -> Q:
    """Items that the person or one of their teams requested, and those that the person took over."""
    own = Q(requester=person) | Q(request__taken_over_by=person)
    return own | Q(request__team__in=teams) | Q(request__principal__account__team__in=teams)


HAS_ACTIVE_REQUESTER = Q(request__taken_over_by__is_active=True) | Q(
    request__taken_over_by=None, requester__is_active=True
)
"""Items for whose request somebody answers who is not deactivated."""


def build_member_at_request_filter(person: Person) -> Q:
    """Items on which the person may not decide, except as a lead: they belonged to a requesting team when the item
    was requested.
    """
    return Q(request__member_ids__contains=[person.pk])


def list_visible_items(person: Person) -> QuerySet[RequestItem]:
    """Items that the person may see: their own, their teams', those of domains their teams answer for, and those
    for which a rule requires the approval of a role that they hold across the mesh.
    """
    across = get_platform_roles(person)
    if across & READ_ALL_ROLES:
        return RequestItem.objects.all()
    teams = get_team_ids(person)
    wanted = Q(needed_from__overlap=held) if (held := sorted(across & PLATFORM_DECIDER_ROLES)) else Q()
    return RequestItem.objects.filter(
        build_requester_filter(person, teams) | build_owner_filter(teams) | wanted
    )


def may_view_item(person: Person, item: RequestItem) -> Verdict:
    """What `list_visible_items` says, of one item with its rows: as a query it takes longer to plan than the rest of a verb."""
    held, across = get_all_roles(person)
    teams, domain = frozenset(team for team, _role in held), get_item_domain(item)
    seen = (
        bool(across & READ_ALL_ROLES)
        or person.pk in {item.requester_id, item.request.taken_over_by_id}
        or bool(teams & get_requesting_team_ids(item))
        or (domain is not None and domain.owner_team_id in teams)
        or bool(across & PLATFORM_DECIDER_ROLES & set(item.needed_from))
    )
    return ALLOWED if seen else _refuse_view()


def may_view_request(person: Person, request: AccessRequest) -> Verdict:
    """Whoever may see one of its items; loaders leave out the others."""
    own = person.pk in {request.requester_id, request.taken_over_by_id}
    seen = own or list_visible_items(person).filter(request=request).exists()
    return ALLOWED if seen else _refuse_view()


def may_act_as_data_owner(person: Person, item: RequestItem) -> Verdict:
    """Whether the person is a data owner of the domain that answers for the item."""
    domain = get_item_domain(item)
    if domain is None:
        return refusal(_("No domain owns this table yet, so nobody can decide."))
    if person.is_active and domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    ):
        return ALLOWED
    return refusal(_("Only a data owner of %(team)s can decide.") % {"team": domain.owner_team.name})


def describe_leaver_access(request: AccessRequest) -> str:
    """Describes live access for which nobody answers any more, and what can be done."""
    words = {"name": request.current_requester.name, "team": request.team.name}
    return (
        _("%(name)s has left. Revoke this access, or have someone from %(team)s take over the request.")
        % words
    )


def may_be_decided(item: RequestItem) -> Verdict:
    """Not while whoever answers for the request is deactivated."""
    return (
        ALLOWED
        if item.request.current_requester.is_active
        else refusal(describe_leaver_request(item.request))
    )


def describe_leaver_request(request: AccessRequest) -> str:
    """Why a request of a deactivated person waits, and who can act."""
    words = {"name": request.current_requester.name, "team": request.team.name}
    return _("%(name)s has left. Someone from %(team)s can take over the request or close it.") % words


def get_role_phrase(role: str) -> str:
    """In a sentence."""
    words = {
        DeciderRole.OWNER: _("a data owner"),
        DeciderRole.LEAD: _("a lead of the requesting team"),
        DeciderRole.STEWARD: _("a steward"),
        DeciderRole.PRIVACY: _("a privacy officer"),
    }
    return words[DeciderRole(role)]


def get_requesting_team_ids(item: RequestItem) -> frozenset[int]:
    """Returns the teams of the request, and of the account that would use the data."""
    return frozenset({item.request.team_id, item.request.principal.account.team_id})


def get_requester_ids(item: RequestItem) -> frozenset[int]:
    """The requester, who took it over, and who answers for the service role that would use the data."""
    asked = {item.requester_id, *item.request.taken_over_ids}
    owner = item.request.principal.owner_id
    return frozenset(asked if owner is None else {*asked, owner})


def build_requesting_side(item: RequestItem) -> RequestingSide:
    members = frozenset(item.request.member_ids)
    return RequestingSide(get_requester_ids(item), get_requesting_team_ids(item), members)


def list_approvals_by(person: Person | OuterRef) -> QuerySet[Decision]:
    """Their approvals of what others have not approved yet; of items, as a subquery."""
    return Decision.objects.filter(
        Q(ends_at=None) | Q(ends_at__gte=OuterRef("ends_at")),
        Q(decided_by=person) | Q(on_behalf_of=person),
        item=OuterRef("pk"),
        answer=Decision.Answer.APPROVE,
        effects_hash=OuterRef("agreed_hash"),
    )


def _refuse_view() -> Verdict:
    return refusal(_("You can't see this."))
