"""What gives power takes effect once a second governor has confirmed it; the database holds it."""

import pytest
from django.db import IntegrityError, transaction

from audit.models import Event
from decisions.states import DecisionState
from identity.accounts import Account
from identity.people.may import get_platform_roles
from identity.people.models import Membership, Person, PlatformRole, Team
from identity.role_changes.changes import (
    ProposedRoleChange,
    build_account_change,
    build_administration_change,
    build_membership_change,
    build_platform_role_change,
)
from identity.role_changes.models import RoleChange
from identity.role_changes.proposals import BAR_PERIOD, PROPOSAL_PERIOD
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.database import as_role
from tests.role_changes import (
    advance_clock,
    allow_lone_governor,
    confirm_role_change,
    data_owner_change,
    make_governor,
    propose_and_confirm,
    propose_change,
    reject_role_change,
    set_password,
    withdraw_role_change,
)


@pytest.fixture
def greta(db: None) -> Person:
    return factories.make_admin()


@pytest.fixture
def hanna(db: None) -> Person:
    return make_governor()


@pytest.fixture
def olga(db: None) -> Person:
    return factories.make_person("Olga Marin")


@pytest.fixture
def insurance(db: None) -> Team:
    return factories.make_team("Insurance", owners=[factories.make_person("Ines Roth")])


def test_a_data_owner_is_one_once_another_governor_has_confirmed(
    greta: Person, hanna: Person, olga: Person, insurance: Team
) -> None:
    change = propose_change(greta, data_owner_change(insurance, olga))
    assert (change.state, olga.memberships.exists()) == (DecisionState.WAITING, False)
    confirm_role_change(hanna, change)
    assert [held.role for held in olga.memberships.all()] == ["data_owner"]
    assert [event.verb for event in Event.objects.order_by("pk")] == [
        "propose_role_change",
        "confirm_role_change",
    ]


def test_a_role_is_taken_away_by_two_as_well(
    greta: Person, hanna: Person, olga: Person, insurance: Team
) -> None:
    factories.add_members(insurance, Membership.Role.DATA_OWNER, [olga])
    change = propose_change(greta, build_membership_change(olga, insurance, "data_owner", held=False))
    assert olga.memberships.exists()
    confirm_role_change(hanna, change)
    assert not olga.memberships.exists()


def test_who_proposed_and_whom_it_concerns_do_not_confirm(
    greta: Person, hanna: Person, insurance: Team
) -> None:
    change = propose_change(greta, data_owner_change(insurance, hanna))
    for person, said in ((greta, "You proposed this"), (hanna, "This concerns you")):
        with pytest.raises(ForbiddenError, match=said):
            confirm_role_change(person, change)
    assert not hanna.memberships.exists()


def test_others_propose_and_find_nothing(greta: Person, olga: Person, insurance: Team) -> None:
    with pytest.raises(ForbiddenError, match="Only a governor"):
        propose_change(olga, data_owner_change(insurance, olga))
    change = propose_change(greta, data_owner_change(insurance, olga))
    for verb in (confirm_role_change, reject_role_change, withdraw_role_change):
        with pytest.raises(NotFoundError):
            verb(olga, change)


@pytest.mark.parametrize("verb", [reject_role_change, withdraw_role_change])
def test_rejected_and_withdrawn_changes_stay_without_effect(
    greta: Person, hanna: Person, olga: Person, insurance: Team, verb: object
) -> None:
    change = propose_change(greta, data_owner_change(insurance, olga))
    by = hanna if verb is reject_role_change else greta
    verb(by, change)  # type: ignore[operator]
    with pytest.raises(IllegalTransitionError):
        confirm_role_change(hanna, change)
    assert not olga.memberships.exists()


def test_a_proposal_expires_and_can_be_made_again(
    greta: Person, hanna: Person, olga: Person, insurance: Team
) -> None:
    first = propose_change(greta, data_owner_change(insurance, olga))
    assert propose_change(greta, data_owner_change(insurance, olga)) == first
    advance_clock(PROPOSAL_PERIOD)
    with pytest.raises(RefusedError, match="in time"):
        confirm_role_change(hanna, first)
    second = propose_change(greta, data_owner_change(insurance, olga))
    first.refresh_from_db()
    assert (first.state, second.state) == (DecisionState.LAPSED, DecisionState.WAITING)


def test_what_was_changed_meanwhile_is_proposed_anew(greta: Person, hanna: Person, olga: Person) -> None:
    change = propose_change(
        greta, build_administration_change(olga, {"is_superuser": True}, {"is_superuser": False})
    )
    with as_role("meshmarket_owner"):
        Person.objects.filter(pk=olga.pk).update(is_superuser=True)
    with pytest.raises(RefusedError, match="since it was proposed"):
        confirm_role_change(hanna, change)


def test_what_the_database_refuses_by_now_changes_nothing(greta: Person, hanna: Person) -> None:
    """The role was one of the account's when it was proposed; then the account got another number."""
    account = factories.make_account(factories.make_team(), account_id="000000000001")
    other = "arn:aws:iam::000000000001:role/other"
    change = propose_change(
        greta,
        build_account_change(
            account, {"executor_role_arn": other}, {"executor_role_arn": account.executor_role_arn}
        ),
    )
    arn = "arn:aws:iam::000000000002:role/meshmarket-observer"
    with as_role("meshmarket_owner"):
        Account.objects.filter(pk=account.pk).update(
            account_id="000000000002", observer_role_arn=arn, executor_role_arn=arn
        )
    with pytest.raises(RefusedError, match="changed since"):
        confirm_role_change(hanna, change)
    withdraw_role_change(greta, change)
    change = propose_change(
        greta, build_account_change(account, {"observer_role_arn": other}, {"observer_role_arn": arn})
    )
    with pytest.raises(RefusedError, match="no longer applies"):
        confirm_role_change(hanna, change)
    change.refresh_from_db()
    assert change.state == DecisionState.WAITING


@pytest.mark.parametrize("role", PlatformRole.Role.values)
def test_roles_across_the_mesh_take_two(greta: Person, hanna: Person, olga: Person, role: str) -> None:
    confirm_role_change(hanna, propose_change(greta, build_platform_role_change(olga, role, held=True)))
    assert get_platform_roles(olga) == {role}


def test_a_governor_of_last_week_does_not_confirm_for_who_made_them(
    greta: Person, hanna: Person, olga: Person, insurance: Team
) -> None:
    ben = factories.make_person("Ben Frey")
    propose_and_confirm(greta, hanna, build_platform_role_change(ben, "governance_admin", held=True))
    change = propose_change(greta, data_owner_change(insurance, olga))
    with pytest.raises(ForbiddenError, match="was changed in the last week"):
        confirm_role_change(ben, change)
    advance_clock(BAR_PERIOD)
    assert confirm_role_change(ben, change).decided_by == ben


def test_a_governor_whose_password_another_set_does_not_confirm(
    greta: Person, hanna: Person, olga: Person, insurance: Team
) -> None:
    set_password(greta, hanna)
    with pytest.raises(ForbiddenError, match="set your password"):
        confirm_role_change(hanna, propose_change(greta, data_owner_change(insurance, olga)))


@pytest.mark.parametrize("change", ["self", "concerned", "nobody", "puppet"])
def test_the_database_refuses_one_governor_alone(
    greta: Person, hanna: Person, olga: Person, insurance: Team, change: str
) -> None:
    """As the web's own role, without the verbs."""
    waiting = propose_change(greta, data_owner_change(insurance, olga))
    set_password(greta, hanna)
    by = {"self": greta.pk, "concerned": olga.pk, "nobody": None, "puppet": hanna.pk}[change]
    with pytest.raises(IntegrityError), transaction.atomic(), as_role("meshmarket_web"):
        RoleChange.objects.filter(pk=waiting.pk).update(state="approved", decided_by=by)


def test_the_database_keeps_what_was_proposed(greta: Person, olga: Person, insurance: Team) -> None:
    waiting = propose_change(greta, data_owner_change(insurance, olga))
    with (
        pytest.raises(IntegrityError, match="stays as it is"),
        transaction.atomic(),
        as_role("meshmarket_owner"),
    ):
        RoleChange.objects.filter(pk=waiting.pk).update(role="lead")
    with pytest.raises(IntegrityError, match="kept"), transaction.atomic(), as_role("meshmarket_owner"):
        RoleChange.objects.filter(pk=waiting.pk).delete()


def test_with_the_setting_off_one_governor_is_enough(
    greta: Person, olga: Person, insurance: Team, settings: object
) -> None:
    allow_lone_governor(settings)
    change: ProposedRoleChange = data_owner_change(insurance, olga)
    made = propose_change(greta, change)
    assert (made.state, made.at_once, made.bars_until) == (DecisionState.APPROVED, True, None)
    assert olga.memberships.exists()
    assert [event.verb for event in Event.objects.all()] == ["make_role_change"]


def test_a_plain_membership_takes_effect_at_once(greta: Person, olga: Person, insurance: Team) -> None:
    made = propose_change(greta, build_membership_change(olga, insurance, Membership.Role.MEMBER, held=True))
    assert (made.at_once, olga.memberships.get().role) == (True, "member")
