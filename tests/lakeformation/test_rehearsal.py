"""The plan that is shown before a yes: the calls, in order, that it sets off."""

from lakeformation.rehearsal import Known, rehearse
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
    held = dict(access("id", "amount").permissions())
    assert (
        operations(Known(held=held, linked=True, delivered=True, registered=True, in_organisation=True)) == []
    )
