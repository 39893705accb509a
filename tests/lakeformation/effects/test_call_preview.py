"""The plan that is shown before a yes: the calls, in order, that it sets off."""

from dataclasses import replace

from lakeformation.effects.call_preview import rehearse
from lakeformation.effects.table_effects import Known
from tests.lakeformation.mesh import access

NOTHING = Known(held={}, linked=False, delivered=False, registered=True, in_organisation=True)


def operations(known: Known) -> list[str]:
    return [call.operation for call in rehearse(access("id", "amount"), known)]


def test_inside_the_organisation_it_is_grant_link_and_the_grant_on_the_link() -> None:
    calls = rehearse(access("id", "amount"), NOTHING)
    assert [(call.account, call.operation) for call in calls] == [
        ("111111111111", "BatchGrantPermissions"),
        ("333333333333", "CreateDatabase"),
        ("333333333333", "BatchGrantPermissions"),
    ]
    assert calls[0].what == (
        "DESCRIBE on database insurance_gold",
        "SELECT on insurance_gold.claims (amount, id)",
    )


def test_an_outside_account_accepts_an_invitation_once() -> None:
    outside = Known(held={}, linked=False, delivered=False, registered=True, in_organisation=False)
    assert operations(outside)[1] == "AcceptResourceShareInvitation"
    known = Known(held={}, linked=False, delivered=True, registered=True, in_organisation=False)
    assert "AcceptResourceShareInvitation" not in operations(known)


def test_a_location_that_is_not_registered_comes_first() -> None:
    fresh = Known(held={}, linked=False, delivered=False, registered=False, in_organisation=True)
    assert operations(fresh)[0] == "RegisterResource"


def test_what_is_there_already_needs_no_call() -> None:
    held = dict(access("id", "amount").permissions)
    assert (
        operations(Known(held=held, linked=True, delivered=True, registered=True, in_organisation=True)) == []
    )


def test_a_row_rule_makes_its_filter_first_and_grants_on_it() -> None:
    calls = rehearse(access("id", row_rule="region = 'DE'"), NOTHING)
    assert [call.operation for call in calls][:2] == ["CreateDataCellsFilter", "BatchGrantPermissions"]
    assert calls[0].what[0].endswith("on insurance_gold.claims: id in the rows where region = 'DE'")
    assert "SELECT on insurance_gold.claims (cells of filter meshmarket_" in calls[1].what[1]


def test_a_filter_that_is_there_is_not_made_again() -> None:
    known = replace(NOTHING, filter_made=True)
    calls = rehearse(access("id", row_rule="region = 'DE'"), known)
    assert "CreateDataCellsFilter" not in [call.operation for call in calls]


def test_in_hybrid_access_mode_the_role_is_opted_in_once() -> None:
    wanted = access("id", in_hybrid_mode=True)
    assert "CreateLakeFormationOptIn" in [call.operation for call in rehearse(wanted, NOTHING)]
    there = rehearse(wanted, replace(NOTHING, opted_in=True))
    assert "CreateLakeFormationOptIn" not in [call.operation for call in there]


def test_describe_is_not_granted_beside_a_select() -> None:
    wanted = access(metadata_only=True)
    (first, *_) = rehearse(wanted, NOTHING)
    assert first.what[1] == "DESCRIBE on insurance_gold.claims"
    (first, *_) = rehearse(wanted, replace(NOTHING, held=dict([access("id").on_table])))
    assert first.what == ("DESCRIBE on database insurance_gold",)
