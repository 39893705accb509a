"""The plan that is shown before a yes: the calls, in order, that it sets off."""

from dataclasses import replace

from lakeformation.effects.call_preview import preview_calls
from lakeformation.effects.table_effects import TableState
from tests.lakeformation.simulated_catalog import build_access

NOTHING = TableState(
    held={}, has_link=False, is_share_delivered=False, is_registered=True, in_organisation=True
)


def list_operations(known: TableState) -> list[str]:
    return [call.operation for call in preview_calls(build_access("id", "amount"), known)]


def test_inside_the_organisation_it_is_grant_link_and_the_grant_on_the_link() -> None:
    calls = preview_calls(build_access("id", "amount"), NOTHING)
    assert [(call.account, call.operation) for call in calls] == [
        ("111111111111", "BatchGrantPermissions"),
        ("333333333333", "CreateDatabase"),
        ("333333333333", "BatchGrantPermissions"),
    ]
    assert calls[0].changes == (
        "DESCRIBE on database insurance_gold",
        "SELECT on insurance_gold.claims (amount, id)",
    )


def test_an_outside_account_accepts_an_invitation_once() -> None:
    outside = TableState(
        held={}, has_link=False, is_share_delivered=False, is_registered=True, in_organisation=False
    )
    assert list_operations(outside)[1] == "AcceptResourceShareInvitation"
    known = TableState(
        held={}, has_link=False, is_share_delivered=True, is_registered=True, in_organisation=False
    )
    assert "AcceptResourceShareInvitation" not in list_operations(known)


def test_a_location_that_is_not_registered_comes_first() -> None:
    fresh = TableState(
        held={}, has_link=False, is_share_delivered=False, is_registered=False, in_organisation=True
    )
    assert list_operations(fresh)[0] == "RegisterResource"


def test_what_is_there_already_needs_no_call() -> None:
    held = dict(build_access("id", "amount").permissions)
    assert (
        list_operations(
            TableState(
                held=held, has_link=True, is_share_delivered=True, is_registered=True, in_organisation=True
            )
        )
        == []
    )


def test_a_row_filter_makes_its_filter_first_and_grants_on_it() -> None:
    calls = preview_calls(build_access("id", row_filter="region = 'DE'"), NOTHING)
    assert [call.operation for call in calls][:2] == ["CreateDataCellsFilter", "BatchGrantPermissions"]
    assert calls[0].changes[0].endswith("on insurance_gold.claims: id in the rows where region = 'DE'")
    assert "SELECT on insurance_gold.claims (cells of filter meshmarket_" in calls[1].changes[1]


def test_a_filter_that_is_there_is_not_made_again() -> None:
    known = replace(NOTHING, has_filter=True)
    calls = preview_calls(build_access("id", row_filter="region = 'DE'"), known)
    assert "CreateDataCellsFilter" not in [call.operation for call in calls]


def test_in_hybrid_access_mode_the_role_is_opted_in_once() -> None:
    wanted = build_access("id", in_hybrid_mode=True)
    assert "CreateLakeFormationOptIn" in [call.operation for call in preview_calls(wanted, NOTHING)]
    there = preview_calls(wanted, replace(NOTHING, is_opted_in=True))
    assert "CreateLakeFormationOptIn" not in [call.operation for call in there]


def test_describe_is_not_granted_beside_a_select() -> None:
    wanted = build_access(metadata_only=True)
    (first, *_) = preview_calls(wanted, NOTHING)
    assert first.changes[1] == "DESCRIBE on insurance_gold.claims"
    (first, *_) = preview_calls(wanted, replace(NOTHING, held=dict([build_access("id").table_permission])))
    assert first.changes == ("DESCRIBE on database insurance_gold",)
