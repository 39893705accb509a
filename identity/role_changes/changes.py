"""Role changes that can be proposed, each with its description and whether it needs a second governor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from identity.accounts import Account
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.states import RoleChangeKind
from kernel.text import builds_stored_text

DECIDING_ROLES = frozenset({Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN, Membership.Role.LEAD})
"""Roles in a team with which somebody decides: to give or take one is confirmed by a second governor."""
ADMINISTRATION_FIELDS = ("is_active", "is_staff", "is_superuser")
ACCOUNT_FIELDS = (
    "partition",
    "account_id",
    "team_id",
    "observer_role_arn",
    "executor_role_arn",
    "external_id",
)


@dataclass(frozen=True)
class ProposedRoleChange:
    """`team_ids`: the teams whose data owners are notified."""

    kind: RoleChangeKind
    description: str
    new_values: Mapping[str, Any]
    old_values: Mapping[str, Any]
    person: Person | None = None
    team: Team | None = None
    role: str = ""
    row_id: int | None = None
    team_ids: frozenset[int] = field(default_factory=frozenset)
    needs_second_governor: bool = True

    @property
    def identifying_fields(self) -> dict[str, Any]:
        """Field values that identify a waiting change of the same object."""
        return {
            "kind": self.kind,
            "person": self.person,
            "team": self.team,
            "role": self.role,
            "row_id": self.row_id,
        }


@builds_stored_text
def build_membership_change(person: Person, team: Team, role: str, *, held: bool) -> ProposedRoleChange:
    """To give or take a role in a team."""
    words = {"role": Membership.Role(role).label, "team": team.name}
    return ProposedRoleChange(
        kind=RoleChangeKind.MEMBERSHIP,
        description=_("%(role)s of %(team)s") % words,
        new_values={"held": held},
        old_values={"held": not held},
        person=person,
        team=team,
        role=role,
        team_ids=frozenset({team.pk}),
        needs_second_governor=role in DECIDING_ROLES,
    )


@builds_stored_text
def build_platform_role_change(person: Person, role: str, *, held: bool) -> ProposedRoleChange:
    """To give or take a role across the mesh."""
    return ProposedRoleChange(
        kind=RoleChangeKind.PLATFORM_ROLE,
        description=str(PlatformRole.Role(role).label),
        new_values={"held": held},
        old_values={"held": not held},
        person=person,
        role=role,
    )


@builds_stored_text
def build_administration_change(
    person: Person, new_values: Mapping[str, bool], old_values: Mapping[str, bool]
) -> ProposedRoleChange:
    """To change whether a person may sign in, open the administration pages, and is a superuser."""
    words = {
        ("is_active", True): _("can sign in again"),
        ("is_active", False): _("can no longer sign in"),
        ("is_staff", True): _("can open the administration pages"),
        ("is_staff", False): _("can no longer open the administration pages"),
        ("is_superuser", True): _("superuser"),
        ("is_superuser", False): _("no longer a superuser"),
    }
    return ProposedRoleChange(
        kind=RoleChangeKind.ADMINISTRATION,
        description=", ".join(words[name, value] for name, value in sorted(new_values.items())),
        new_values=dict(new_values),
        old_values=dict(old_values),
        person=person,
        row_id=person.pk,
    )


@builds_stored_text
def build_account_change(
    account: Account, new_values: Mapping[str, Any], old_values: Mapping[str, Any]
) -> ProposedRoleChange:
    """To change the team that answers for an account, or the roles by which the workers act in it."""
    names = {
        "partition": _("partition %(value)s"),
        "account_id": _("account id %(value)s"),
        "observer_role_arn": _("observer role %(value)s"),
        "executor_role_arn": _("executor role %(value)s"),
        "external_id": _("new ExternalId"),
    }
    said = [names[name] % {"value": new_values[name]} for name in sorted(new_values) if name in names]
    if "team_id" in new_values:
        said.append(_("team %(team)s") % {"team": Team.objects.get(pk=new_values["team_id"]).name})
    words = {"account": str(account), "fields": ", ".join(said)}
    teams = {value for name, value in (*new_values.items(), *old_values.items()) if name == "team_id"}
    return ProposedRoleChange(
        kind=RoleChangeKind.ACCOUNT,
        description=_("account %(account)s: %(fields)s") % words,
        new_values=dict(new_values),
        old_values=dict(old_values),
        row_id=account.pk,
        team_ids=frozenset({account.team_id, *teams}),
    )


@builds_stored_text
def build_account_registration(account: Account) -> ProposedRoleChange:
    """That an account is in the mesh: its own administrator made the roles, so no second governor is asked."""
    return ProposedRoleChange(
        kind=RoleChangeKind.ACCOUNT,
        description=_("account %(account)s is connected") % {"account": account},
        new_values={"team_id": account.team_id},
        old_values={},
        row_id=account.pk,
        team_ids=frozenset({account.team_id}),
        needs_second_governor=False,
    )


@builds_stored_text
def build_password_change(person: Person) -> ProposedRoleChange:
    """That somebody else set the person's password, who can sign in as them."""
    return _build_sign_in_change(person, _("password"))


@builds_stored_text
def build_email_change(person: Person) -> ProposedRoleChange:
    """That somebody else changed the e-mail that a link to reset the password is sent to."""
    return _build_sign_in_change(person, _("e-mail"))


def _build_sign_in_change(person: Person, description: str) -> ProposedRoleChange:
    return ProposedRoleChange(
        kind=RoleChangeKind.PASSWORD,
        description=description,
        new_values={},
        old_values={},
        person=person,
        needs_second_governor=False,
    )
