"""Overlaps of rows: each that widens what is seen needs a yes of its own, kept with the decision."""

import pytest

from audit.models import Event
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedCellsFilter, ObservedPermission
from kernel import clock
from kernel.errors import RefusedError
from lakeformation.effects.table_effects import Widening
from requests_app.access_requests.models import Decision, RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import compute_item_approval_hash
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import engine_readings
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role

RULE = "amount = '7'"


def submit_item(bank: Bank, columns: tuple[str, ...], rule: str, key: str) -> RequestItem:
    asked = RequestedItem(bank.claims.pk, columns, whole_table=False, product_id=None, row_filter=rule)
    return submit_bank_item(bank, items=[asked], idempotency_key=key)


def list_widenings(asked: RequestItem) -> tuple[Widening, ...]:
    return compute_effects(asked).widenings


def approve_with(bank: Bank, asked: RequestItem, keys: list[str]) -> Grant:
    grant = approve_item(
        acting_user=bank.ines, item_id=asked.pk, effects_hash=compute_item_approval_hash(asked),
        comment="", now=clock.now(), widenings=keys,
    )  # fmt: skip
    assert grant is not None
    return grant


def test_a_rule_beside_all_rows_needs_its_own_yes(bank: Bank) -> None:
    approve(bank, submit_item(bank, ("claim_id",), "", "form-1"))
    asked = submit_item(bank, ("claim_id", "amount"), RULE, "form-2")
    (one,) = list_widenings(asked)
    assert one.text == "sees claim_id in all rows too: approved earlier"
    with pytest.raises(RefusedError) as caught:
        approve_with(bank, asked, [])
    assert caught.value.field == "widenings"
    assert not Decision.objects.filter(item=asked).exists()
    approve_with(bank, asked, [one.key])
    decision = Decision.objects.get(item=asked)
    assert decision.widenings == [one.to_json()]
    assert Event.objects.get(pk=decision.event_id).data["widenings"] == [one.to_json()]


def test_all_rows_beside_a_rule_need_their_own_yes_too(bank: Bank) -> None:
    approve(bank, submit_item(bank, ("claim_id", "amount"), RULE, "form-1"))
    (first, second) = list_widenings(submit_item(bank, ("claim_id",), "", "form-2"))
    assert first.text.startswith("sees amount in the rows where amount = '7' too")
    assert second.text.startswith("sees claim_id in all rows: approved earlier")


def test_a_key_of_another_overlap_is_no_yes(bank: Bank) -> None:
    approve(bank, submit_item(bank, ("claim_id",), "amount = '8'", "form-1"))
    asked = submit_item(bank, ("claim_id",), RULE, "form-2")
    with pytest.raises(RefusedError):
        approve_with(bank, asked, ["0" * 16])
    assert approve_with(bank, asked, [one.key for one in list_widenings(asked)]).state == "live"


def test_what_is_held_outside_the_portal_widens_as_well(bank: Bank) -> None:
    observe(bank, table="claims", columns={"include": ["iban"]})
    (one,) = list_widenings(submit_item(bank, ("claim_id",), RULE, "form-1"))
    assert one.text == "sees iban in all rows too: held outside the portal"


def test_filters_of_somebody_else_count_with_their_rows(bank: Bank) -> None:
    observe(bank, table="claims", cells_filter="theirs", columns={"except": []})
    (unread,) = list_widenings(submit_item(bank, ("claim_id",), RULE, "form-1"))
    assert "a rule that could not be read" in unread.text
    with as_role("meshmarket_worker"):
        ObservedCellsFilter.objects.create(
            catalog=bank.catalog, database="insurance_gold", table="claims", name="theirs",
            rows="iban IS NULL", columns={"include": ["iban"]}, seen_at=clock.now(),
        )  # fmt: skip
    (one,) = list_widenings(submit_item(bank, ("claim_id",), RULE, "form-2"))
    assert one.text.startswith("sees iban in the rows where iban IS NULL too: filter theirs")


def test_more_row_filters_than_aws_allows_are_refused(bank: Bank) -> None:
    for number in range(100):
        observe(bank, table="claims", cells_filter=f"filter-{number}", columns={"except": []})
    with pytest.raises(RefusedError, match="100 row filters"):
        submit_item(bank, ("claim_id",), RULE, "form-1")


def test_what_is_stale_widens_nothing(bank: Bank) -> None:
    grant = approve(bank, submit_item(bank, ("claim_id",), "", "form-1"))
    asked = submit_item(bank, ("claim_id", "amount"), RULE, "form-2")
    engine_readings.write_presence(
        grant.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=bank.bi_account
    )
    assert list_widenings(asked) == ()


def test_what_ended_widens_nothing(bank: Bank) -> None:
    grant = approve(bank, submit_item(bank, ("claim_id",), "", "form-1"))
    asked = submit_item(bank, ("claim_id", "amount"), RULE, "form-2")
    assert len(list_widenings(asked)) == 1
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    assert list_widenings(asked) == ()


def observe(bank: Bank, **fields: object) -> None:
    with as_role("meshmarket_worker"):
        ObservedPermission.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="insurance_gold", verb="SELECT",
            seen_at=clock.now(), **fields,
        )  # fmt: skip
