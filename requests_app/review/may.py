"""Who may decide on an item, comment on it, return it, change it, and release a held column."""

from collections.abc import Sequence
from dataclasses import replace

from django.db import connection
from django.db.models import BigIntegerField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _

from identity.people.may import get_all_roles
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import describe_bars, has_bars
from kernel.verdicts import ALLOWED, Verdict, refusal
from requests_app.access_requests.may import (
    PLATFORM_DECIDER_ROLES,
    build_requesting_side,
    get_item_domain,
    get_requester_ids,
    get_requesting_team_ids,
    get_role_phrase,
    list_approvals_by,
    may_act_as_data_owner,
    may_be_decided,
)
from requests_app.access_requests.models import RequestItem
from requests_app.policy_engine.rules import DeciderRole
from requests_app.policy_engine.verdict import Decider, DecisionBar, RequestingSide, find_decision_bar
from requests_app.review.delegation.models import Delegation
from requests_app.review.delegation.queries import list_usable_delegations


def may_approve_item(person: Person, item: RequestItem) -> Verdict:
    """Whose turn it is, see `may_decide`; and each of them once."""
    verdict = may_decide(person, item, item.waits_for or item.needed_from)
    if verdict and item.waits_for and _has_approved(person, item):
        return refusal(_("You already approved this. It waits for others."))
    return verdict


def may_decide_as_owner(person: Person, item: RequestItem) -> Verdict:
    """A data owner of the owning team, who neither is the requester nor belongs to the requesting team."""
    return _judge_roles(item, _build_own_decider(person, item), [DeciderRole.OWNER], person)


def find_delegation(person: Person, item: RequestItem) -> Delegation | None:
    """By which the person decides on the item for somebody else; None when by their own word, or not at all."""
    if DeciderRole.OWNER in _build_own_decider(person, item).roles:
        return None
    return _list_delegations(item).filter(delegate=person).first()


def _list_delegations(item: RequestItem) -> QuerySet[Delegation]:
    domain = get_item_domain(item)
    if domain is None:
        return Delegation.objects.none()
    usable = list_usable_delegations(team=domain.owner_team_id, side=build_requesting_side(item))
    return usable.alias(barred=build_bar_expression(item, DeciderRole.OWNER, "owner")).filter(barred=None)


def may_reject_item(person: Person, item: RequestItem) -> Verdict:
    """Everybody whose approval is required may reject, in any order."""
    return may_decide(person, item, item.needed_from)


def may_decide(person: Person, item: RequestItem, roles: Sequence[str]) -> Verdict:
    """A person who holds one of these roles for the item, is not its requester and, except as its lead, does not
    belong to the requesting team. Every decision is checked here. Nobody decides while the requester is deactivated.
    """
    verdict = may_decide_regardless_of_requester(person, item, roles)
    return may_be_decided(item) if verdict else verdict


def may_decide_regardless_of_requester(person: Person, item: RequestItem, roles: Sequence[str]) -> Verdict:
    """The same, also while the requester is deactivated."""
    return _judge_roles(item, build_decider(person, item), roles, person)


def _judge_roles(item: RequestItem, decider: Decider, roles: Sequence[str], person: Person) -> Verdict:
    side = build_requesting_side(item)
    bars = [find_decision_bar(decider, DeciderRole(role), side) for role in roles]
    free = [role for role, barred in zip(roles, bars, strict=True) if barred is None]
    if person.is_active and free:
        return may_decide_after_changes(person, item, free)
    if DecisionBar.OWN in bars:
        return refusal(_describe_own_bar(person, item))
    if DecisionBar.TEAM in bars:
        return refusal(_describe_team_bar(decider, side))
    if DeciderRole.OWNER in roles:
        return may_act_as_data_owner(person, item)
    return refusal(
        _("It waits for %(roles)s.") % {"roles": ", ".join(get_role_phrase(role) for role in roles)}
    )


def _describe_own_bar(person: Person, item: RequestItem) -> str:
    if person.pk == item.requester_id:
        return _("You requested this yourself. Another data owner has to decide.")
    if person.pk in item.request.taken_over_ids:
        return _("You took over this request. Another data owner has to decide.")
    return _("You are responsible for the role that would use this. Another data owner has to decide.")


def _describe_team_bar(decider: Decider, side: RequestingSide) -> str:
    if decider.teams & side.teams:
        return _("You are in the requesting team. A data owner outside it has to decide.")
    return _("You were in the team when it requested this. Another data owner has to decide.")


def build_decider(person: Person, item: RequestItem) -> Decider:
    """The person beside the item, as an owner also by another's word. Three queries at most."""
    decider = _build_own_decider(person, item)
    if DeciderRole.OWNER in decider.roles or not _list_delegations(item).filter(delegate=person).exists():
        return decider
    return replace(decider, roles=decider.roles | {DeciderRole.OWNER})


def _build_own_decider(person: Person, item: RequestItem) -> Decider:
    (held, across), domain = get_all_roles(person), get_item_domain(item)
    roles = {DeciderRole(role) for role in across & PLATFORM_DECIDER_ROLES}
    if domain is not None and (domain.owner_team_id, Membership.Role.DATA_OWNER) in held:
        roles.add(DeciderRole.OWNER)
    if (item.request.team_id, Membership.Role.LEAD) in held:
        roles.add(DeciderRole.LEAD)
    return Decider(person.pk, frozenset(team for team, _role in held), frozenset(roles))


def _has_approved(person: Person, item: RequestItem) -> bool:
    """Themselves, or for whom they decide: the word of one owner counts once."""
    if not item.agreed_hash:
        return False
    passed_on = find_delegation(person, item)
    speaker = passed_on.owner if passed_on else person
    return RequestItem.objects.filter(
        Exists(list_approvals_by(person)) | Exists(list_approvals_by(speaker)), pk=item.pk
    ).exists()


def list_deciders(item: RequestItem) -> QuerySet[Person]:
    """People whose turn it is to decide on the item, by name, without those who have approved."""
    roles, domain = item.waits_for or item.needed_from, get_item_domain(item)
    owner_team, asking_team = domain.owner_team_id if domain else None, item.request.team_id
    owners = Membership.objects.filter(team=owner_team, role=Membership.Role.DATA_OWNER)
    leads = Membership.objects.filter(team=asking_team, role=Membership.Role.LEAD)
    across = PlatformRole.objects.filter(role__in=[role for role in roles if role in PLATFORM_DECIDER_ROLES])
    who = Q(pk__in=across.values("person"))
    if DeciderRole.OWNER in roles:
        who |= Q(pk__in=owners.values("person")) | Q(pk__in=_list_delegations(item).values("delegate"))
    insiders = Membership.objects.filter(team__in=get_requesting_team_ids(item))
    who &= ~Q(pk__in=insiders.values("person")) & ~Q(pk__in=item.request.member_ids)
    if DeciderRole.LEAD in roles:
        who |= Q(pk__in=leads.values("person"))
    people = Person.objects.filter(who, is_active=True).exclude(pk__in=get_requester_ids(item))
    for role in roles:
        people = people.alias(**{f"barred_{role}": build_bar_expression(item, role)}).filter(
            **{f"barred_{role}": None}
        )
    if item.agreed_hash and item.waits_for:
        agreed = RequestItem.objects.filter(Exists(list_approvals_by(OuterRef(OuterRef("pk")))), pk=item.pk)
        people = people.exclude(Exists(agreed))
    return people.order_by("name")


def may_request_changes(person: Person, item: RequestItem) -> Verdict:
    """Whoever may reject may request changes."""
    return may_reject_item(person, item)


def may_resubmit_item(person: Person, item: RequestItem) -> Verdict:
    if item.request.current_requester.pk == person.pk and person.is_active:
        return ALLOWED
    return refusal(_("Only the requester can change this."))


def may_comment_on_item(person: Person, item: RequestItem) -> Verdict:
    """The requesting side, or a person who may decide, also while the requester is deactivated."""
    if may_resubmit_item(person, item) or may_decide_regardless_of_requester(person, item, item.needed_from):
        return ALLOWED
    return refusal(_("Only the requester and those who can decide can comment here."))


def may_release_column(person: Person, item: RequestItem) -> Verdict:
    """Whoever may agree to the item: more becomes readable."""
    return may_approve_item(person, item)


_BARRED_SQL = "SELECT requests_barred(%s, %s, %s, %s, %s, %s, %s)"


def filter_unbarred_roles(person: Person, item: RequestItem, roles: Sequence[str]) -> list[str]:
    """Returns the roles in which no change of the last week bars the person from the item, saved or not."""
    return [role for role in roles if _find_bar(person, item, role) is None]


def may_decide_after_changes(person: Person, item: RequestItem, roles: Sequence[str]) -> Verdict:
    """Allowed when one of the roles, each of which the person holds for the item, is free of bars."""
    found = {_find_bar(person, item, role) for role in roles}
    return ALLOWED if None in found else describe_bars(person, [pk for pk in found if pk])


def build_bar_expression(item: RequestItem, role: str, person: str = "pk") -> Func:
    """For a query whose field `person` is a person's id: the row that bars them from the item, or null."""
    values = [
        Value(bar_parameter, output_field=BigIntegerField()) for bar_parameter in _build_bar_parameters(item)
    ]
    return Func(*values, F(person), Value(role), function="requests_barred", output_field=BigIntegerField())


def _find_bar(person: Person, item: RequestItem, role: str) -> int | None:
    if not has_bars(person):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_BARRED_SQL, [*_build_bar_parameters(item), person.pk, str(role)])
        row = cursor.fetchone()
    return row[0] if row else None


def _build_bar_parameters(item: RequestItem) -> list[int | None]:
    request = item.request
    return [item.requester_id, request.team_id, request.principal_id, item.table_id, item.product_id]
