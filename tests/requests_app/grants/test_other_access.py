"""An end that leaves another way open names it."""

import pytest

from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from kernel import clock
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from requests_app.grants.actions import revoke_grant
from requests_app.grants.end_dates import format_end_date
from requests_app.grants.models import Grant
from requests_app.grants.other_access import list_other_paths
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def observe(
    bank: Bank, arn: str, columns: dict[str, list[str]], verb: str = "SELECT", cells_filter: str = ""
) -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog,
            principal_arn=arn,
            database="insurance_gold",
            table="claims",
            cells_filter=cells_filter,
            verb=verb,
            columns=columns,
            seen_at=clock.now(),
        )


def revoke(bank: Bank, grant: Grant) -> tuple[str, ...]:
    now = clock.now()
    return list_other_paths(
        revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=now), now
    )


def test_nothing_seen_is_no_other_way(bank: Bank, grant: Grant) -> None:
    assert revoke(bank, grant) == ()


def test_another_grant_of_the_role_is_named(bank: Bank, grant: Grant) -> None:
    asks = [RequestedItem(bank.claims.pk, ("iban",), False, None)]
    other = approve(
        bank, submit_bank_item(bank, idempotency_key="form-2", items=asks, ends_at=factories.days_from_now(9))
    )
    observe(bank, bank.role.arn, {"include": ["iban"]})
    assert revoke(bank, grant) == (f"Grant {other.pk} gives iban until {format_end_date(other.ends_at)}.",)


def test_metadata_alone_are_no_way_to_read(bank: Bank, grant: Grant) -> None:
    table = RequestedItem(bank.claims.pk, (), False, None, metadata_only=True)
    other = factories.make_principal(bank.bi_account, "describes-only")
    approve(bank, submit_bank_item(bank, principal=other, idempotency_key="form-2", items=[table]))
    observe(bank, other.arn, {"except": []}, "DESCRIBE")
    assert revoke(bank, grant) == ()


def test_cells_of_a_filter_outside_the_portal_are_named_with_their_rows(bank: Bank, grant: Grant) -> None:
    with as_role("meshmarket_worker"):
        ObservedCellsFilter.objects.create(
            catalog=bank.catalog, database="insurance_gold", table="claims", name="theirs",
            rows="amount = '7'", columns={"include": ["iban"]}, seen_at=clock.now(),
        )  # fmt: skip
    observe(bank, bank.role.arn, {"except": []}, cells_filter="theirs")
    (way,) = revoke(bank, grant)
    cells = "SELECT on iban in the rows where amount = '7' (data cells filter theirs)"
    assert way == f"The role itself holds {cells} outside the portal."


def test_a_permission_outside_the_portal_is_named(bank: Bank, grant: Grant) -> None:
    observe(bank, bank.role.arn, {"include": ["amount", "iban"]})
    observe(bank, IAM_ALLOWED_PRINCIPALS, {"except": []}, "ALL")
    observe(bank, "arn:aws:iam::999999999999:role/other", {"except": []})
    assert set(revoke(bank, grant)) == {
        "The role itself holds SELECT on iban outside the portal.",
        "Every role that IAM allows holds ALL on every column outside the portal.",
    }


def test_what_is_being_removed_is_no_other_way(bank: Bank, grant: Grant) -> None:
    observe(bank, bank.role.arn, {"include": ["claim_id", "amount"]})
    assert revoke(bank, grant) == ()
