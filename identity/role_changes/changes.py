"""What can be proposed: values, each with the words for it and whether it takes a second governor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from identity.accounts.models import Account
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.states import RoleChangeKind

DECIDING = frozenset({Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN, Membership.Role.LEAD})
"""Roles in a team with which somebody decides: to give or take one is confirmed by a second governor."""
OF_ADMINISTRATION = ("is_active", "is_staff", "is_superuser")
OF_ACCOUNT = ("partition", "account_id", "team_id", "observer_role_arn", "executor_role_arn", "external_id")


@dataclass(frozen=True)
class Change:
    """`teams` are those whose data owners are told; `weighty` takes a second governor."""

    kind: RoleChangeKind
    what: str
    wanted: Mapping[str, Any]
    before: Mapping[str, Any]
    person: Person | None = None
    team: Team | None = None
    role: str = ""
    row_id: int | None = None
    teams: frozenset[int] = field(default_factory=frozenset)
    weighty: bool = True

    @property
    def same_thing(self) -> dict[str, Any]:
        """By what a waiting change of the same thing is found."""
        return {
            "kind": self.kind, "person": self.person, "team": self.team, "role": self.role, "row_id": self.row_id,
        }  # fmt: skip


def membership(person: Person, team: Team, role: str, *, held: bool) -> Change:
    """To give or take a role in a team."""
    words = {"role": Membership.Role(role).label, "team": team.name}
    return Change(
        kind=RoleChangeKind.MEMBERSHIP,
        what=_("%(role)s of %(team)s") % words,
        wanted={"held": held},
        before={"held": not held},
        person=person,
        team=team,
        role=role,
        teams=frozenset({team.pk}),
        weighty=role in DECIDING,
    )


def platform_role(person: Person, role: str, *, held: bool) -> Change:
    """To give or take a role across the mesh."""
    return Change(
        kind=RoleChangeKind.PLATFORM_ROLE,
        what=str(PlatformRole.Role(role).label),
        wanted={"held": held},
        before={"held": not held},
        person=person,
        role=role,
    )


def administration(person: Person, wanted: Mapping[str, bool], before: Mapping[str, bool]) -> Change:
    """To change whether a person may sign in, open the administration pages, and is a superuser."""
    words = {
        ("is_active", True): _("can sign in again"),
        ("is_active", False): _("can no longer sign in"),
        ("is_staff", True): _("can open the administration pages"),
        ("is_staff", False): _("can no longer open the administration pages"),
        ("is_superuser", True): _("superuser"),
        ("is_superuser", False): _("no longer a superuser"),
    }
    return Change(
        kind=RoleChangeKind.ADMINISTRATION,
        what=", ".join(words[name, value] for name, value in sorted(wanted.items())),
        wanted=dict(wanted),
        before=dict(before),
        person=person,
        row_id=person.pk,
    )


def account_roles(account: Account, wanted: Mapping[str, Any], before: Mapping[str, Any]) -> Change:
    """To change the team that answers for an account, or the roles by which the workers act in it."""
    words = {"account": str(account), "fields": ", ".join(_in_words(wanted))}
    teams = {value for name, value in (*wanted.items(), *before.items()) if name == "team_id"}
    return Change(
        kind=RoleChangeKind.ACCOUNT,
        what=_("account %(account)s: %(fields)s") % words,
        wanted=dict(wanted),
        before=dict(before),
        row_id=account.pk,
        teams=frozenset({account.team_id, *teams}),
    )


def account_joins(account: Account) -> Change:
    """That an account is in the mesh: its own administrator made the roles, so no second governor is asked."""
    return Change(
        kind=RoleChangeKind.ACCOUNT,
        what=_("account %(account)s is connected") % {"account": account},
        wanted={"team_id": account.team_id},
        before={},
        row_id=account.pk,
        teams=frozenset({account.team_id}),
        weighty=False,
    )


def password(person: Person) -> Change:
    """That somebody else set the person's password, who can sign in as them."""
    return Change(
        kind=RoleChangeKind.PASSWORD,
        what=_("password"),
        wanted={},
        before={},
        person=person,
        weighty=False,
    )


def _in_words(wanted: Mapping[str, Any]) -> list[str]:
    """Each field with its new value; of an ExternalId, which is not shown, that it is another one."""
    names = {
        "partition": _("partition %(value)s"),
        "account_id": _("account id %(value)s"),
        "observer_role_arn": _("observer role %(value)s"),
        "executor_role_arn": _("executor role %(value)s"),
        "external_id": _("new ExternalId"),
    }
    said = [names[name] % {"value": wanted[name]} for name in sorted(wanted) if name in names]
    if "team_id" in wanted:
        said.append(_("team %(team)s") % {"team": Team.objects.get(pk=wanted["team_id"]).name})
    return said
