"""Who may do what with requests, items and grants. Authority alone: life cycles are in `states`."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.models import DataProduct, Domain
from identity.may import has_platform_role, is_member, sees_everything, teams_as, teams_of
from identity.models import Membership, Person, PlatformRole, Principal, Team
from identity.verdicts import ALLOWED, Verdict, refused
from requests_app.delegation.holding import usable_for
from requests_app.delegation.models import Delegation
from requests_app.models import AccessRequest, BasketItem, Grant, Item


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
    """Items on whose asking side the person stands: their own, and those of their teams."""
    return Q(requester=person) | Q(request__team__in=teams) | Q(request__principal__account__team__in=teams)


def items_seen_by(person: Person) -> QuerySet[Item]:
    """Items that the person may see: their own, their teams', those of domains their teams answer for."""
    if sees_everything(person):
        return Item.objects.all()
    teams = teams_of(person)
    return Item.objects.filter(asked_by(person, teams) | owned_by(teams))


def may_submit_request(person: Person, team: Team, principal: Principal) -> Verdict:
    """A person asks for their own teams and for roles in accounts of their own teams; for such an account as a
    whole its admins ask.
    """
    if not person.is_active:
        return refused(_("Your account is closed."))
    teams = teams_of(person)
    if team.pk not in teams:
        return refused(_("You are not a member of %(team)s.") % {"team": team.name})
    if principal.account.team_id not in teams:
        return refused(_("This role belongs to an account of another team. Choose a role of your own teams."))
    if principal.is_account and principal.account.team_id not in teams_as(
        person, Membership.Role.ACCOUNT_ADMIN
    ):
        return refused(_("Only an admin of the account asks for it as a whole: they pass it on."))
    return ALLOWED


def may_submit_basket(person: Person, team: Team, principal: Principal) -> Verdict:
    """As for any request; a basket is found by its person, so that it is nobody else's to send."""
    return may_submit_request(person, team, principal)


def may_view_item(person: Person, item: Item) -> Verdict:
    return ALLOWED if items_seen_by(person).filter(pk=item.pk).exists() else _not_yours()


def may_view_request(person: Person, request: AccessRequest) -> Verdict:
    """Whoever may see one of its items; loaders leave out the others."""
    seen = request.requester_id == person.pk or items_seen_by(person).filter(request=request).exists()
    return ALLOWED if seen else _not_yours()


def may_view_grant(person: Person, grant: Grant) -> Verdict:
    return may_view_item(person, grant.item)


def may_approve_item(person: Person, item: Item) -> Verdict:
    """A data owner of the owning team, or whom one named for a while; who neither asked nor belongs to the team that
    asks.
    """
    return _apart(person, item, ALLOWED if delegation_for(person, item) else _answers_for(person, item))


def may_decide_as_owner(person: Person, item: Item) -> Verdict:
    """The same people without delegates."""
    return _apart(person, item, _answers_for(person, item))


def delegation_for(person: Person, item: Item) -> Delegation | None:
    """By which the person decides on the item for somebody else; None when by their own word, or not at all."""
    if _answers_for(person, item):
        return None
    return _delegations(item).filter(delegate=person).first()


def _delegations(item: Item) -> QuerySet[Delegation]:
    domain = domain_of(item)
    if domain is None:
        return Delegation.objects.none()
    asking = frozenset({item.request.team_id, item.request.principal.account.team_id})
    return usable_for(team=domain.owner_team_id, requester=item.requester_id, asking=asking)


def _apart(person: Person, item: Item, verdict: Verdict) -> Verdict:
    """Whoever decides stands on neither side of the ask."""
    if item.requester_id == person.pk:
        return refused(_("You asked for this yourself. Another data owner has to decide."))
    if verdict and _asks_with(person, item.request):
        return refused(_("You belong to the team that asks. A data owner outside it has to decide."))
    return verdict


def may_reject_item(person: Person, item: Item) -> Verdict:
    """The same people as for an approval: both are decisions."""
    return may_approve_item(person, item)


def may_withdraw_item(person: Person, item: Item) -> Verdict:
    if item.requester_id == person.pk and person.is_active:
        return ALLOWED
    return refused(_("Only the person who asked can withdraw this."))


def may_revoke_grant(person: Person, grant: Grant) -> Verdict:
    """The producer's data owners, whoever asked, the consuming account's admins, governance admins."""
    item = grant.item
    allowed = person.is_active and (
        item.requester_id == person.pk
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
    """People who may decide on the item, by name."""
    domain = domain_of(item)
    if domain is None:
        return Person.objects.none()
    asking = {item.request.team_id, item.request.principal.account.team_id}
    owners = Membership.objects.filter(team=domain.owner_team_id, role=Membership.Role.DATA_OWNER)
    insiders = Membership.objects.filter(team__in=asking)
    either = Q(pk__in=owners.values("person")) | Q(pk__in=_delegations(item).values("delegate"))
    people = Person.objects.filter(either, is_active=True)
    return people.exclude(pk=item.requester_id).exclude(pk__in=insiders.values("person")).order_by("name")


def _answers_for(person: Person, item: Item) -> Verdict:
    domain = domain_of(item)
    if domain is None:
        return refused(_("No domain answers for this table yet, so nobody can decide."))
    if person.is_active and domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER):
        return ALLOWED
    return refused(_("Only a data owner of %(team)s can decide.") % {"team": domain.owner_team.name})


def _asks_with(person: Person, request: AccessRequest) -> bool:
    return is_member(person, request.team) or is_member(person, request.principal.account.team)


def _not_yours() -> Verdict:
    return refused(_("This is not yours to see."))


def may_view_holders(person: Person, product: DataProduct) -> Verdict:
    """Who answers for the product, or reads the whole mesh, sees what is held besides its grants."""
    if product.domain.owner_team_id in teams_as(person, Membership.Role.DATA_OWNER) or sees_everything(
        person
    ):
        return ALLOWED
    return refused(_("Only the owners of the data see what is held outside the portal."))
