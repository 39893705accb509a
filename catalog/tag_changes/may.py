"""Who may propose tag changes, and who decides on them."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from catalog.tag_changes.models import TagChange
from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role, has_platform_role
from identity.people.models import Membership, Person, PlatformRole
from identity.verdicts import ALLOWED, Verdict, refusal


def may_propose_tag_change(person: Person, teams: Collection[int], *, defines: bool) -> Verdict:
    """Stewards and governance admins; of assignments also the data owners of every team whose data it is."""
    roles = (PlatformRole.Role.STEWARD, PlatformRole.Role.GOVERNANCE_ADMIN)
    if person.is_active and has_platform_role(person, *roles):
        return ALLOWED
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    if person.is_active and teams and owned.issuperset(teams) and not defines:
        return ALLOWED
    return refusal(_("Only stewards, governance admins and the data owners of the data can propose this."))


def list_approvable_teams(person: Person, change: TagChange) -> list[int | None]:
    """The teams for which the person may approve; None where no team owns what is tagged."""
    if not person.is_active or person.pk == change.proposed_by_id:
        return []
    teams = change.effects["teams"]
    if not teams:
        return [None] if has_platform_role(person, PlatformRole.Role.GOVERNANCE_ADMIN) else []
    owned = get_team_ids_with_role(person, Membership.Role.DATA_OWNER)
    return [team for team in teams if team in owned]


def may_approve_tag_change(person: Person, change: TagChange) -> Verdict:
    """A data owner of a team whose data is tagged, but never who proposed it."""
    if list_approvable_teams(person, change):
        return ALLOWED
    if person.pk == change.proposed_by_id:
        return refusal(_("You can't decide on your own proposal."))
    return refusal(_("Only the data owners of the data can decide on this."))


def may_reject_tag_change(person: Person, change: TagChange) -> Verdict:
    """Whoever may approve it."""
    return may_approve_tag_change(person, change)


def may_withdraw_tag_change(person: Person, change: TagChange) -> Verdict:
    """Who proposed it."""
    if person.is_active and person.pk == change.proposed_by_id:
        return ALLOWED
    return refusal(_("Only who proposed it can withdraw it."))


def may_view_tag_change(person: Person, change: TagChange) -> Verdict:
    """Who proposed it, the teams whose data it is, stewards, and those who read the whole mesh."""
    is_concerned = (
        person.pk == change.proposed_by_id
        or can_read_everything(person)
        or has_platform_role(person, PlatformRole.Role.STEWARD)
        or bool(get_team_ids(person) & set(change.effects["teams"]))
    )
    return ALLOWED if person.is_active and is_concerned else refusal(_("You can't see this."))
