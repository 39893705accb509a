"""Overlaps of rows: each that widens what is seen needs a yes of its own, kept with the decision."""

import pytest

from audit import clock
from audit.models import Event
from fulfilment.intents.models import Intent
from fulfilment.observations.models import Observed, ObservedFilter
from identity.errors import RefusedError
from lakeformation.effects.widening import Widening
from requests_app.access_requests.models import Decision, Item
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.approval_hash import compute_item_approval_hash
from requests_app.targets.access import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests import evidence
from tests.bank import Bank, approve, asked_item
from tests.database import as_role

RULE = "amount = '7'"


def item(bank: Bank, columns: tuple[str, ...], rule: str, key: str) -> Item:
    asked = RequestedItem(bank.claims.pk, columns, whole_table=False, product_id=None, row_rule=rule)
    return asked_item(bank, items=[asked], submission_key=key)


def widenings(asked: Item) -> tuple[Widening, ...]:
    return compute_effects(asked).widenings


def agree(bank: Bank, asked: Item, keys: list[str]) -> Grant:
    grant = approve_item(
        acting_user=bank.ines, item_id=asked.pk, effects_hash=compute_item_approval_hash(asked),
        comment="", now=clock.now(), widenings=keys,
    )  # fmt: skip
    assert grant is not None
    return grant


def test_a_rule_beside_all_rows_needs_its_own_yes(bank: Bank) -> None:
    approve(bank, item(bank, ("claim_id",), "", "form-1"))
    asked = item(bank, ("claim_id", "amount"), RULE, "form-2")
    (one,) = widenings(asked)
    assert one.text == "sees claim_id in all rows too: approved earlier"
    with pytest.raises(RefusedError) as caught:
        agree(bank, asked, [])
    assert caught.value.field == "widenings"
    assert not Decision.objects.filter(item=asked).exists()
    agree(bank, asked, [one.key])
    decision = Decision.objects.get(item=asked)
    assert decision.widenings == [one.to_json()]
    assert Event.objects.get(pk=decision.event_id).data["widenings"] == [one.to_json()]


def test_all_rows_beside_a_rule_need_their_own_yes_too(bank: Bank) -> None:
    approve(bank, item(bank, ("claim_id", "amount"), RULE, "form-1"))
    (first, second) = widenings(item(bank, ("claim_id",), "", "form-2"))
    assert first.text.startswith("sees amount in the rows where amount = '7' too")
    assert second.text.startswith("sees claim_id in all rows: approved earlier")


def test_a_key_of_another_overlap_is_no_yes(bank: Bank) -> None:
    approve(bank, item(bank, ("claim_id",), "amount = '8'", "form-1"))
    asked = item(bank, ("claim_id",), RULE, "form-2")
    with pytest.raises(RefusedError):
        agree(bank, asked, ["0" * 16])
    assert agree(bank, asked, [one.key for one in widenings(asked)]).state == "live"


def test_what_is_held_outside_the_portal_widens_as_well(bank: Bank) -> None:
    see(bank, table="claims", columns={"include": ["iban"]})
    (one,) = widenings(item(bank, ("claim_id",), RULE, "form-1"))
    assert one.text == "sees iban in all rows too: held outside the portal"


def test_filters_of_somebody_else_count_with_their_rows(bank: Bank) -> None:
    see(bank, table="claims", cells_filter="theirs", columns={"except": []})
    (unread,) = widenings(item(bank, ("claim_id",), RULE, "form-1"))
    assert "a rule that could not be read" in unread.text
    with as_role("meshmarket_worker"):
        ObservedFilter.objects.create(
            catalog=bank.catalog, database="insurance_gold", table="claims", name="theirs",
            rows="iban IS NULL", columns={"include": ["iban"]}, seen_at=clock.now(),
        )  # fmt: skip
    (one,) = widenings(item(bank, ("claim_id",), RULE, "form-2"))
    assert one.text.startswith("sees iban in the rows where iban IS NULL too: filter theirs")


def test_more_row_rules_than_aws_allows_are_refused(bank: Bank) -> None:
    for number in range(100):
        see(bank, table="claims", cells_filter=f"filter-{number}", columns={"except": []})
    with pytest.raises(RefusedError, match="100 row filters"):
        item(bank, ("claim_id",), RULE, "form-1")


def test_what_is_stale_widens_nothing(bank: Bank) -> None:
    grant = approve(bank, item(bank, ("claim_id",), "", "form-1"))
    asked = item(bank, ("claim_id", "amount"), RULE, "form-2")
    evidence.see(grant.intent, Intent.Presence.STALE, catalog=bank.catalog, consumer=bank.bi_account)
    assert widenings(asked) == ()


def test_what_ended_widens_nothing(bank: Bank) -> None:
    grant = approve(bank, item(bank, ("claim_id",), "", "form-1"))
    asked = item(bank, ("claim_id", "amount"), RULE, "form-2")
    assert len(widenings(asked)) == 1
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="No longer needed", now=clock.now())
    assert widenings(asked) == ()


def see(bank: Bank, **fields: object) -> None:
    with as_role("meshmarket_worker"):
        Observed.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, database="insurance_gold", verb="SELECT",
            seen_at=clock.now(), **fields,
        )  # fmt: skip
