"""Who may propose tag changes, and who decides on them."""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from catalog.tag_changes.models import TagChange
from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.role_changes.bars import OWNER, DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_propose_tag_change(person: Person, teams: Collection[int], *, defines: bool) -> Verdict:
    """Stewards and governance admins; of assignments also the data owners of every team whose data it is."""
    roles = (PlatformRole.Role.STEWARD, PlatformRole.Role.GOVERNANCE_ADMIN)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if person.is_active and teams and owned.issuperset(teams) and not defines:
        return ALLOWED
    return refusal(_("Only stewards, governance admins and the data owners of the data can propose this."))


def list_needed_approvals(change: TagChange) -> list[int | None]:
    """The teams whose data it is; None, a governance admin's, for keys and for what no team owns."""
    teams: list[int | None] = list(change.effects.get("teams", ()))
    return teams if teams and not change.definitions else [*teams, None]


def list_approvable_teams(person: Person, change: TagChange) -> list[int | None]:
    """Those of the needed approvals that the person may give."""
    if not person.is_active or person.pk == change.requested_by_id:
        return []
    teams = _list_own_teams(person, change)
    return [team for team in teams if may_decide_on_basis(person, _build_basis(change, team))]


def _list_own_teams(person: Person, change: TagChange) -> list[int | None]:
    owned: set[int | None] = set(get_team_ids_with_role(person, Membership.Role.DATA_OWNER))
    if has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN):
        owned.add(None)
    return [team for team in list_needed_approvals(change) if team in owned]


def _build_basis(change: TagChange, team: int | None) -> DecisionBasis:
    """Builds the basis of an approval for the team: as in `decision_bases` of `catalog_tagchangeapproval`."""
    if team is None:
        return DecisionBasis(PlatformRole.Role.GOVERNANCE_ADMIN, party_ids=[change.requested_by_id])
    return DecisionBasis(OWNER, team, party_ids=[change.requested_by_id], party_team_ids=[team])


def list_decider_ids(change: TagChange) -> list[int]:
    """Everybody who may approve it, by id; without those whom a role change bars for a week."""
    needed = list_needed_approvals(change)
    teams = [team for team in needed if team is not None]
    decides = Q(memberships__team__in=teams, memberships__role=Membership.Role.DATA_OWNER)
    if None in needed:
        decides |= Q(platform_roles__role=PlatformRole.Role.GOVERNANCE_ADMIN)
    people = Person.objects.filter(decides, is_active=True).exclude(pk=change.requested_by_id)
    return sorted(person.pk for person in people.distinct() if list_approvable_teams(person, change))


def list_given_approvals(change: TagChange) -> set[int | None]:
    """The teams that approved its present effects; None is a governance admin's."""
    known = change.approvals.filter(effects_hash=change.effects_hash)
    return set(known.values_list("team_id", flat=True))


def may_approve_tag_change(person: Person, change: TagChange) -> Verdict:
    """Whoever may decide on it, once for its present effects."""
    may_decide = may_reject_tag_change(person, change)
    if (
        may_decide
        and change.is_waiting
        and list_given_approvals(change).issuperset(list_approvable_teams(person, change))
    ):
        return refusal(_("Your side has already approved these effects."))
    return may_decide


def may_reject_tag_change(person: Person, change: TagChange) -> Verdict:
    """A data owner of a team whose data is tagged, a governance admin where one is needed, but never who proposed it."""
    if list_approvable_teams(person, change):
        return ALLOWED
    if person.pk == change.requested_by_id:
        return refusal(_("You can't decide on your own proposal."))
    if person.is_active and (teams := _list_own_teams(person, change)):
        return may_decide_on_basis(person, *(_build_basis(change, team) for team in teams))
    if None in list_needed_approvals(change):
        return refusal(_("Only governance admins and the data owners of the data can decide on this."))
    return refusal(_("Only the data owners of the data can decide on this."))


def may_withdraw_tag_change(person: Person, change: TagChange) -> Verdict:
    """Who proposed it."""
    if person.is_active and person.pk == change.requested_by_id:
        return ALLOWED
    return refusal(_("Only the person who proposed the change can withdraw it."))


def visible_tag_changes(person: Person) -> QuerySet[TagChange]:
    """One's own, those about data of one's teams, and all for stewards and those who read the whole mesh."""
    if not person.is_active:
        return TagChange.objects.none()
    if sees_all_tags(person):
        return TagChange.objects.all()
    found = Q(requested_by=person)
    for team in get_team_ids(person):
        found |= Q(effects__teams__contains=[team])
    return TagChange.objects.filter(found)


def may_view_tags(person: Person) -> Verdict:
    """Whoever may propose or decide on something: stewards, producers, and those who read the whole mesh."""
    if person.is_active and (sees_all_tags(person) or list_tagged_team_ids(person)):
        return ALLOWED
    return refusal(_("Only stewards, producers, governance admins and auditors can see this."))


def sees_all_tags(person: Person) -> bool:
    return can_read_everything(person) or has_platform_role(person, PlatformRole.Role.STEWARD)


def list_tagged_team_ids(person: Person) -> set[int]:
    """Teams whose data the person sees tagged."""
    roles = (Membership.Role.DATA_OWNER, Membership.Role.DEVELOPER)
    return {team for role in roles for team in get_team_ids_with_role(person, role)}
