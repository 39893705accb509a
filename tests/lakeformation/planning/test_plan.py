"""What the plan does, and what it keeps its hands off."""

from datetime import timedelta

from lakeformation.observation.reading import Invitation
from lakeformation.planning.changes import MAX_BATCH_ENTRIES, Plan
from lakeformation.planning.prerequisites import plan_registrations
from lakeformation.values.column_sets import ALL_COLUMNS, ColumnSet
from lakeformation.values.locations import Location
from lakeformation.values.permissions import DataCatalog, Permission
from lakeformation.values.resource_links import link_name
from tests.lakeformation.simulated_catalog import (
    CREATED,
    GOVERNANCE,
    NOW,
    ROLE,
    SimulatedCatalog,
    build_access,
    build_database_access,
    build_wish,
)

SELECT = Permission(GOVERNANCE, ROLE, "insurance_gold", "claims", "SELECT")
SHARE = "arn:aws:ram:eu-central-1:111111111111:resource-share/1"


def list_operations(todo: Plan) -> list[str]:
    return [step.operation for step in todo.steps]


def test_a_direct_grant_is_granted_linked_and_described_in_this_order() -> None:
    todo = SimulatedCatalog().plan([build_wish(1, build_access("id", "amount"))])
    assert list_operations(todo) == ["BatchGrantPermissions", "CreateDatabase", "BatchGrantPermissions"]
    assert [change.resource for change in todo.steps[0].changes] == [
        "insurance_gold",
        "insurance_gold/claims",
    ]
    assert todo.steps[0].changes[1].columns == ColumnSet.include(["id", "amount"])
    assert todo.steps[1].catalog.account == "333333333333"


def test_a_second_plan_after_the_first_has_nothing_to_do() -> None:
    world = SimulatedCatalog()
    assert world.converge([build_wish(1, build_access("id"))]).steps == []
    assert world.held[SELECT] == ColumnSet.include(["id"])


def test_ending_one_grant_keeps_the_columns_that_another_justifies() -> None:
    world, narrow = SimulatedCatalog(), build_wish(2, build_access("id", "iban"))
    world.converge([build_wish(1, build_access("id", "amount")), narrow])
    world.converge([build_wish(1, build_access("id", "amount"), ended_at=NOW), narrow])
    assert world.held[SELECT] == ColumnSet.include(["id", "iban"])
    assert world.links


def test_the_last_grant_takes_the_link_with_it() -> None:
    world = SimulatedCatalog()
    world.converge([build_wish(1, build_access("id"))])
    world.converge([build_wish(1, build_access("id"), ended_at=NOW)])
    assert world.held == {}
    assert world.links == set()


def test_expiry_is_a_comparison() -> None:
    world, brief = SimulatedCatalog(), build_wish(1, build_access("id"), expires_at=NOW + timedelta(days=1))
    world.converge([brief])
    assert world.plan([brief], NOW + timedelta(hours=23)).steps == []
    assert list_operations(world.plan([brief], NOW + timedelta(days=1)))[0] == "BatchRevokePermissions"


def test_an_intent_that_was_ended_is_not_live_until_it_expires() -> None:
    ended = build_wish(1, build_access("id"), ended_at=NOW, expires_at=NOW + timedelta(days=1))
    assert not ended.is_live(NOW)


def test_narrowing_from_the_whole_table_revokes_the_wildcard_and_grants_the_list() -> None:
    world = SimulatedCatalog()
    world.converge([build_wish(1, build_access()), build_wish(2, build_access("id"))])
    assert world.held[SELECT] == ALL_COLUMNS
    world.converge([build_wish(1, build_access(), ended_at=NOW), build_wish(2, build_access("id"))])
    assert world.held[SELECT] == ColumnSet.include(["id"])


def test_what_nobody_asked_for_is_reported_and_left_alone() -> None:
    world = SimulatedCatalog(held={SELECT: ColumnSet.include(["iban"])})
    todo = world.converge([build_wish(1, build_access("id"))])
    assert [drift.text for drift in todo.surplus] == [f"SELECT on insurance_gold.claims (iban) for {ROLE}"]
    world.converge([build_wish(1, build_access("id"), ended_at=NOW)])
    assert world.held[SELECT] == ColumnSet.include(["iban"])


def test_a_whole_table_that_none_of_ours_justified_is_not_cut() -> None:
    world = SimulatedCatalog(held={SELECT: ALL_COLUMNS})
    world.converge([build_wish(1, build_access("id"), ended_at=NOW)])
    assert world.held == {SELECT: ALL_COLUMNS}


def test_a_grant_that_was_ended_before_it_was_applied_takes_nothing_away() -> None:
    world = SimulatedCatalog(held={SELECT: ColumnSet.include(["id"])})
    world.converge([build_wish(1, build_access("id"), ended_at=NOW, was_applied=False)])
    assert world.held[SELECT] == ColumnSet.include(["id"])


def test_only_the_expected_invitation_of_the_expected_sender_is_accepted() -> None:
    stranger = Invitation(
        "arn:invitation/2", "arn:aws:ram:eu-central-1:999999999999:resource-share/2", "999999999999"
    )
    ours = Invitation("arn:invitation/1", SHARE, "111111111111")
    forged = Invitation("arn:invitation/3", SHARE, "999999999999")
    world = SimulatedCatalog(
        accepted=frozenset(), carried=frozenset({SHARE}), invitations=(stranger, forged, ours)
    )
    world.apply_plan(
        Plan(
            steps=[
                s
                for s in world.plan([build_wish(1, build_access("id"))]).steps
                if "Accept" not in s.operation
            ]
        )
    )
    (step,) = world.plan([build_wish(1, build_access("id"))]).steps
    assert [change.atom for change in step.changes] == [ours]


def test_an_intent_waits_until_the_share_has_arrived() -> None:
    world = SimulatedCatalog(accepted=frozenset())
    world.apply_plan(world.plan([build_wish(1, build_access("id"))]))
    todo = world.plan([build_wish(1, build_access("id"))])
    assert (todo.steps, list(todo.waiting_reasons)) == ([], [1])


def test_nothing_is_granted_before_its_location_is_registered() -> None:
    world = SimulatedCatalog(locations=frozenset())
    todo = world.plan([build_wish(1, build_access("id"))])
    assert todo.steps == []
    assert "s3://gold/claims/ is not registered" in todo.waiting_reasons[1]
    (step,) = plan_registrations([build_wish(1, build_access("id"))], frozenset(), now=NOW)
    assert step.changes[0].atom == Location(GOVERNANCE, "arn:aws:s3:::gold/claims", "arn:role")
    assert (
        plan_registrations([build_wish(1, build_access("id"))], frozenset({"arn:aws:s3:::gold"}), now=NOW)
        == []
    )


def test_a_table_made_anew_is_not_healed_and_what_was_granted_is_removed() -> None:
    world, grant = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([grant])
    world.tables["insurance_gold", "claims"] = "2026-02-02T00:00:00+00:00"
    assert list_operations(world.plan([grant]))[0] == "BatchRevokePermissions"
    world.converge([grant])
    assert SELECT not in world.held


def test_a_role_made_anew_loses_what_the_old_one_was_granted() -> None:
    world, grant = SimulatedCatalog(), build_wish(1, build_access("id"))
    world.converge([grant])
    world.principals[ROLE] = "AROA2"
    world.converge([grant])
    assert world.held == {}


def test_batches_hold_twenty_entries() -> None:
    world = SimulatedCatalog(tables={("insurance_gold", f"t{n}"): "" for n in range(30)})
    wishes = [build_wish(n, build_access("id", table=f"t{n}", table_created="")) for n in range(30)]
    sizes = [len(s.changes) for s in world.plan(wishes).steps if s.operation == "BatchGrantPermissions"]
    assert sizes == [MAX_BATCH_ENTRIES, 31 - MAX_BATCH_ENTRIES, 1]


def test_a_link_name_that_is_taken_stops_its_intents_alone() -> None:
    world = SimulatedCatalog()
    name = link_name("insurance_gold", GOVERNANCE)
    (mine,) = [build_access("id").link]
    assert mine is not None
    world.links.add(type(mine)(mine.catalog, name, DataCatalog("999999999999", "eu-central-1"), "other"))
    todo = world.plan([build_wish(1, build_access("id"))])
    assert "is already taken in 333333333333" in todo.waiting_reasons[1]


def test_the_whole_database_is_one_wildcard() -> None:
    world = SimulatedCatalog(tables={("insurance_gold", "*"): CREATED})
    world.converge([build_wish(1, build_database_access())])
    assert world.held[Permission(GOVERNANCE, ROLE, "insurance_gold", "*", "SELECT")] == ALL_COLUMNS


def test_what_two_intents_want_is_granted_while_one_of_them_waits() -> None:
    world = SimulatedCatalog()
    world.tables[("insurance_gold", "policies")] = "2026-01-01T00:00:00+00:00"
    waiting = build_wish(2, build_access("id", table="policies", location="s3://silver/policies/"))
    todo = world.plan([build_wish(1, build_access("id")), waiting])
    assert list(todo.waiting_reasons) == [2]
    assert [(change.resource, change.intents) for change in todo.steps[0].changes] == [
        ("insurance_gold", (1, 2)),
        ("insurance_gold/claims", (1,)),
    ]
