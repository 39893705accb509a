"""Who may see and change what an account passes on to its local groups: its own admins."""

from django.utils.translation import gettext as _

from identity.accounts import Account
from identity.people.may import can_read_everything, get_team_ids_with_role
from identity.people.models import Membership, Person
from identity.role_changes.bars import ACCOUNT_ADMIN, DecisionBasis, may_decide_on_basis
from kernel.verdicts import ALLOWED, Verdict, refusal


def may_view_local_groups(person: Person, account: Account) -> Verdict:
    """Its admins; who reads the whole mesh reads this, too."""
    if person.is_active and (is_account_admin(person, account) or can_read_everything(person)):
        return ALLOWED
    return refusal(_("You can't see this."))


def is_account_admin(person: Person, account: Account) -> bool:
    """Whether the person is an admin of the account: by its team, not by a role across the mesh."""
    return person.is_active and account.team_id in get_team_ids_with_role(
        person, Membership.Role.ACCOUNT_ADMIN
    )


def may_create_local_group(person: Person, account: Account) -> Verdict:
    if is_account_admin(person, account):
        return ALLOWED
    return refusal(_("Only admins of %(account)s can change its local groups.") % {"account": account.name})


def may_delete_local_group(person: Person, account: Account) -> Verdict:
    return may_create_local_group(person, account)


def may_add_local_group_member(person: Person, account: Account) -> Verdict:
    return may_create_local_group(person, account)


def may_remove_local_group_member(person: Person, account: Account) -> Verdict:
    return may_create_local_group(person, account)


def may_pass_on(person: Person, account: Account) -> Verdict:
    """What may be passed on at all the data's owner has decided; to whom inside of the account, its admins do."""
    if not (verdict := may_create_local_group(person, account)):
        return verdict
    basis = DecisionBasis(ACCOUNT_ADMIN, account.team_id, rests_on={"account": [account.pk]})
    return may_decide_on_basis(person, basis)
