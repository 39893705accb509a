"""Who may do what with requests, items and grants. Authority alone: life cycles are in `states`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.products.models import DataProduct, Domain
from identity.accounts.models import LocalGroup, Principal
from identity.people.may import (
    READERS,
    has_platform_role,
    held_by,
    platform_roles_of,
    sees_everything,
    teams_as,
    teams_of,
)
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.basket_models import BasketItem
from requests_app.changed_roles import barred_as, may_decide_after_changes
from requests_app.delegation.holding import usable_for
from requests_app.delegation.models import Delegation
from requests_app.models import AccessRequest, Decision, Grant, Item
from requests_app.policy.quorum import AskingSide, Bar, Seat, bar
from requests_app.policy.rules import Role

ACROSS = frozenset({Role.STEWARD.value, Role.PRIVACY.value})
"""Of the roles that decide, those that are held across the mesh; their names are those of `PlatformRole`."""


def domain_of(item: Item | BasketItem) -> Domain | None:
    """The domain that answers for the item: its database's, else its product's.

    Never the product's first: a product of one domain may hold another domain's table.
    """
    return item.table.database.domain or (item.product.domain if item.product else None)


def owned_by(teams: frozenset[int]) -> Q:
    """Items for whose domain one of these teams answers."""
    return Q(table__database__domain__owner_team__in=teams) | Q(
        table__database__domain__isnull=True, product__domain__owner_team__in=teams
    )


def asked_by(person: Person, teams: frozenset[int]) -> Q:
    """Items on whose asking side the person stands: their own, those they took over, and those of their teams."""
    own = Q(requester=person) | Q(request__taken_over_by=person)
    return own | Q(request__team__in=teams) | Q(request__principal__account__team__in=teams)


ANSWERED_FOR = Q(request__taken_over_by__is_active=True) | Q(
    request__taken_over_by=None, requester__is_active=True
)
"""Items for whose request somebody answers who is not deactivated."""


def barred_since_asking(person: Person) -> Q:
    """Items on which the person may not decide, whatever team they are in now, except as a lead: they were in the asking
    teams when it was asked.
    """
    return Q(request__member_ids__contains=[person.pk])


def items_seen_by(person: Person) -> QuerySet[Item]:
    """Items that the person may see: their own, their teams', those of domains their teams answer for, and those
    for which a rule wants the yes of a role that they hold across the mesh.
    """
    across = platform_roles_of(person)
    if across & READERS:
        return Item.objects.all()
    teams = teams_of(person)
    wanted = Q(needed_from__overlap=held) if (held := sorted(across & ACROSS)) else Q()
    return Item.objects.filter(asked_by(person, teams) | owned_by(teams) | wanted)


def may_submit_request(
    person: Person, team: Team, principal: Principal, group: LocalGroup | None = None
) -> Verdict:
    """A person asks for their own teams, and for roles and local groups in accounts of their own teams; for such an
    account as a whole its admins ask.
    """
    if not person.is_active:
        return refused(_("Your account is closed."))
    teams = teams_of(person)
    if team.pk not in teams:
        return refused(_("You are not a member of %(team)s.") % {"team": team.name})
    if principal.account.team_id not in teams:
        return refused(_("This role belongs to an account of another team. Choose a role of your own teams."))
    if group is not None:
        return _may_ask_for_group(principal, group)
    if principal.is_account and principal.account.team_id not in teams_as(
        person, Membership.Role.ACCOUNT_ADMIN
    ):
        return refused(_("Only an admin of the account asks for it as a whole: they pass it on."))
    return ALLOWED


def _may_ask_for_group(principal: Principal, group: LocalGroup) -> Verdict:
    if principal.is_account and principal.account_id == group.account_id:
        return ALLOWED
    return refused(_("This group is not of the account. Choose a group of your own teams."))


def may_submit_basket(
    person: Person, team: Team, principal: Principal, group: LocalGroup | None = None
) -> Verdict:
    """As for any request; a basket is found by its person, so that it is nobody else's to send."""
    return may_submit_request(person, team, principal, group)


def may_view_item(person: Person, item: Item) -> Verdict:
    """What `items_seen_by` says, of one item with its rows: as a query it takes longer to plan than the rest of a verb."""
    held, across = held_by(person)
    teams, domain = frozenset(team for team, _role in held), domain_of(item)
    seen = (
        bool(across & READERS)
        or person.pk in {item.requester_id, item.request.taken_over_by_id}
        or bool(teams & asking_teams_of(item))
        or (domain is not None and domain.owner_team_id in teams)
        or bool(across & ACROSS & set(item.needed_from))
    )
    return ALLOWED if seen else _not_yours()


def may_view_request(person: Person, request: AccessRequest) -> Verdict:
    """Whoever may see one of its items; loaders leave out the others."""
    own = person.pk in {request.requester_id, request.taken_over_by_id}
    seen = own or items_seen_by(person).filter(request=request).exists()
    return ALLOWED if seen else _not_yours()


def may_view_grant(person: Person, grant: Grant) -> Verdict:
    return may_view_item(person, grant.item)


def may_approve_item(person: Person, item: Item) -> Verdict:
    """Whose turn it is, see `may_decide`; and each of them once."""
    verdict = may_decide(person, item, item.waits_for or item.needed_from)
    if verdict and item.waits_for and _has_agreed(person, item):
        return refused(_("You agreed to this already. It waits for others."))
    return verdict


def has_left_access_sentence(request: AccessRequest) -> str:
    """Of live access for which nobody answers any more, and what can be done."""
    words = {"name": request.asker.name, "team": request.team.name}
    return (
        _("%(name)s has left. Revoke this access, or have somebody of %(team)s take the request over.")
        % words
    )


def may_decide_as_owner(person: Person, item: Item) -> Verdict:
    """A data owner of the owning team on their own word, who neither asked nor belongs to the team that asks."""
    return _judged(item, _own_seat(person, item), [Role.OWNER], person)


def delegation_for(person: Person, item: Item) -> Delegation | None:
    """By which the person decides on the item for somebody else; None when by their own word, or not at all."""
    if Role.OWNER in _own_seat(person, item).roles:
        return None
    return _delegations(item).filter(delegate=person).first()


def _delegations(item: Item) -> QuerySet[Delegation]:
    domain = domain_of(item)
    if domain is None:
        return Delegation.objects.none()
    usable = usable_for(team=domain.owner_team_id, side=asking_side_of(item))
    return usable.alias(barred=barred_as(item, Role.OWNER, "owner")).filter(barred=None)


def may_reject_item(person: Person, item: Item) -> Verdict:
    """Everybody whose yes is needed may say no, whoever's turn it is."""
    return may_decide(person, item, item.needed_from)


def may_decide(person: Person, item: Item, roles: Sequence[str]) -> Verdict:
    """A person who holds one of these roles for the item, and neither asked nor, but for its lead, belongs to the
    team that asks. Every way to a decision comes by here. While nobody answers for the request, nobody decides on it.
    """
    verdict = may_decide_if_answered_for(person, item, roles)
    return may_be_decided(item) if verdict else verdict


def may_decide_if_answered_for(person: Person, item: Item, roles: Sequence[str]) -> Verdict:
    """The same, whether or not somebody answers for the request."""
    return _judged(item, seat_of(person, item), roles, person)


def may_be_decided(item: Item) -> Verdict:
    """Not while whoever answers for the request is deactivated."""
    return ALLOWED if item.request.asker.is_active else refused(has_left_sentence(item.request))


def has_left_sentence(request: AccessRequest) -> str:
    """Why a request of a deactivated person waits, and who can act."""
    words = {"name": request.asker.name, "team": request.team.name}
    return _("%(name)s has left. Somebody of %(team)s can take it over or close it.") % words


def _judged(item: Item, seat: Seat, roles: Sequence[str], person: Person) -> Verdict:
    side = asking_side_of(item)
    bars = [bar(seat, Role(role), side) for role in roles]
    free = [role for role, barred in zip(roles, bars, strict=True) if barred is None]
    if person.is_active and free:
        return may_decide_after_changes(person, item, free)
    if Bar.OWN in bars:
        return refused(_why_own(person, item))
    if Bar.TEAM in bars:
        return refused(_why_team(seat, side))
    if Role.OWNER in roles:
        return _answers_for(person, item)
    return refused(_("It waits for %(roles)s.") % {"roles": ", ".join(role_words(role) for role in roles)})


def _why_own(person: Person, item: Item) -> str:
    if person.pk == item.requester_id:
        return _("You asked for this yourself. Another data owner has to decide.")
    if person.pk in item.request.taken_over_ids:
        return _("You took this request over. Another data owner has to decide.")
    return _("You answer for the role that would use this. Another data owner has to decide.")


def _why_team(seat: Seat, side: AskingSide) -> str:
    if seat.teams & side.teams:
        return _("You belong to the team that asks. A data owner outside it has to decide.")
    return _("You belonged to the team when it asked for this. Another data owner has to decide.")


def role_words(role: str) -> str:
    """In a sentence."""
    words = {
        Role.OWNER: _("a data owner"),
        Role.LEAD: _("a lead of the team that asks"),
        Role.STEWARD: _("a steward"),
        Role.PRIVACY: _("a privacy officer"),
    }
    return words[Role(role)]


def asking_teams_of(item: Item) -> frozenset[int]:
    """Of the request, and of the account that would use the data."""
    return frozenset({item.request.team_id, item.request.principal.account.team_id})


def askers_of(item: Item) -> frozenset[int]:
    """Who asked, who took it over, and who answers for the service role that would use the data."""
    asked = {item.requester_id, *item.request.taken_over_ids}
    owner = item.request.principal.owner_id
    return frozenset(asked if owner is None else {*asked, owner})


def asking_side_of(item: Item) -> AskingSide:
    members = frozenset(item.request.member_ids)
    return AskingSide(askers_of(item), asking_teams_of(item), members)


def seat_of(person: Person, item: Item) -> Seat:
    """The person beside the item, as an owner also by another's word. Three queries at most."""
    seat = _own_seat(person, item)
    if Role.OWNER in seat.roles or not _delegations(item).filter(delegate=person).exists():
        return seat
    return replace(seat, roles=seat.roles | {Role.OWNER})


def _own_seat(person: Person, item: Item) -> Seat:
    (held, across), domain = held_by(person), domain_of(item)
    roles = {Role(role) for role in across & ACROSS}
    if domain is not None and (domain.owner_team_id, Membership.Role.DATA_OWNER) in held:
        roles.add(Role.OWNER)
    if (item.request.team_id, Membership.Role.LEAD) in held:
        roles.add(Role.LEAD)
    return Seat(person.pk, frozenset(team for team, _role in held), frozenset(roles))


def yes_of(person: Person | OuterRef) -> QuerySet[Decision]:
    """Their yes to what others have not agreed to yet; of items, as a subquery."""
    return Decision.objects.filter(
        Q(ends_at=None) | Q(ends_at__gte=OuterRef("ends_at")),
        Q(decided_by=person) | Q(on_behalf_of=person),
        item=OuterRef("pk"),
        answer=Decision.Answer.APPROVE,
        effects_hash=OuterRef("agreed_hash"),
    )


def _has_agreed(person: Person, item: Item) -> bool:
    """Themselves, or for whom they decide: the word of one owner counts once."""
    if not item.agreed_hash:
        return False
    passed_on = delegation_for(person, item)
    speaker = passed_on.owner if passed_on else person
    return Item.objects.filter(Exists(yes_of(person)) | Exists(yes_of(speaker)), pk=item.pk).exists()


def may_withdraw_item(person: Person, item: Item) -> Verdict:
    """Who answers for the request. If they have left: everybody of the asking team, and governance admins."""
    request = item.request
    if not person.is_active:
        return refused(_("Your account is closed."))
    if person.pk == request.asker.pk:
        return ALLOWED
    if request.asker.is_active:
        return refused(_("Only the person who asked can withdraw this."))
    governs = has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    if governs or request.team_id in teams_of(person):
        return ALLOWED
    return refused(has_left_sentence(request))


def may_revoke_grant(person: Person, grant: Grant) -> Verdict:
    """The producer's data owners, whoever asked, the consuming account's admins, governance admins."""
    item = grant.item
    allowed = person.is_active and (
        person.pk in {item.requester_id, item.request.taken_over_by_id}
        or bool(_answers_for(person, item))
        or grant.principal.account.team_id in teams_as(person, Membership.Role.ACCOUNT_ADMIN)
        or has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN)
    )
    if allowed:
        return ALLOWED
    return refused(_("Only the data's owners, or whoever asked for it, can end this access."))


def may_revoke_grants(person: Person, grant: Grant) -> Verdict:
    """Of several, each: the same people."""
    return may_revoke_grant(person, grant)


def may_expire_grant(grant: Grant, now: datetime) -> Verdict:
    """The engine's: only time allows it."""
    return ALLOWED if grant.ends_at <= now else refused(_("The grant has not reached its end."))


def deciders_of(item: Item) -> QuerySet[Person]:
    """People whose turn it is to decide on the item, by name; none whose yes it has."""
    roles, domain = item.waits_for or item.needed_from, domain_of(item)
    owner_team, asking_team = domain.owner_team_id if domain else None, item.request.team_id
    owners = Membership.objects.filter(team=owner_team, role=Membership.Role.DATA_OWNER)
    leads = Membership.objects.filter(team=asking_team, role=Membership.Role.LEAD)
    across = PlatformRole.objects.filter(role__in=[role for role in roles if role in ACROSS])
    who = Q(pk__in=across.values("person"))
    if Role.OWNER in roles:
        who |= Q(pk__in=owners.values("person")) | Q(pk__in=_delegations(item).values("delegate"))
    insiders = Membership.objects.filter(team__in=asking_teams_of(item))
    who &= ~Q(pk__in=insiders.values("person")) & ~Q(pk__in=item.request.member_ids)
    if Role.LEAD in roles:
        who |= Q(pk__in=leads.values("person"))
    people = Person.objects.filter(who, is_active=True).exclude(pk__in=askers_of(item))
    for role in roles:
        people = people.alias(**{f"barred_{role}": barred_as(item, role)}).filter(**{f"barred_{role}": None})
    if item.agreed_hash and item.waits_for:
        agreed = Item.objects.filter(Exists(yes_of(OuterRef(OuterRef("pk")))), pk=item.pk)
        people = people.exclude(Exists(agreed))
    return people.order_by("name")


def _answers_for(person: Person, item: Item) -> Verdict:
    domain = domain_of(item)
    if domain is None:
        return refused(_("No domain answers for this table yet, so nobody can decide."))
    if person.is_active and domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    return refused(_("Only a data owner of %(team)s can decide.") % {"team": domain.owner_team.name})


def _not_yours() -> Verdict:
    return refused(_("This is not yours to see."))


def may_view_holders(person: Person, product: DataProduct) -> Verdict:
    """Who answers for the product, or reads the whole mesh, sees what is held besides its grants."""
    if product.domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER) or sees_everything(
        person
    ):
        return ALLOWED
    return refused(_("Only the owners of the data see what is held outside the portal."))
