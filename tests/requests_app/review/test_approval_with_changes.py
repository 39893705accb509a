"""Approving less than was asked, or for a trial: never wider, bound to the effects of what is left."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import Decision, ItemChange, RequestItem
from requests_app.errors import EffectsChangedError
from requests_app.grants.models import Grant
from requests_app.review.actions import approve_item
from requests_app.review.terms import (
    NarrowedTerms,
    RequestTerms,
    compute_approval_hash,
    compute_item_approval_hash,
    copy_with_terms,
    list_differences,
    narrow_terms,
)
from requests_app.review.timeline import build_item_timeline
from requests_app.targets.checks import compute_effects
from requests_app.targets.requested_item import RequestedItem
from tests.bank import Bank, submit_bank_item


def compute_hash(item: RequestItem, less: NarrowedTerms, now: datetime) -> str:
    return compute_approval_hash(
        item, compute_effects(copy_with_terms(item, narrow_terms(item, less, now))), less
    )


def approve_narrowed(
    bank: Bank, item: RequestItem, less: NarrowedTerms, *, now: datetime | None = None
) -> Grant:
    now = now or clock.now()
    shown = compute_hash(item, less, now)
    grant = approve_item(
        acting_user=bank.ines,
        item_id=item.pk,
        effects_hash=shown,
        comment="Less is enough.",
        now=now,
        narrowed=less,
    )
    assert grant is not None
    return grant


def submit_wanted(bank: Bank, **asked: object) -> RequestItem:
    values: dict[str, object] = {"columns": ("claim_id", "amount"), "whole_table": False, "product_id": None}
    return submit_bank_item(bank, items=[RequestedItem(bank.claims.pk, **values | asked)])  # type: ignore[arg-type]


def test_fewer_columns_are_what_the_intent_wants_and_the_ask_is_kept(bank: Bank) -> None:
    grant = approve_narrowed(bank, submit_bank_item(bank), NarrowedTerms(columns=("amount",)))
    assert grant.intent.wanted["columns"] == {"include": ["amount"]}
    assert grant.item.columns == ["amount"]
    change = ItemChange.objects.get()
    assert (change.before["columns"], change.after["columns"]) == (["claim_id", "amount"], ["amount"])
    assert (change.created_by, change.event) == (bank.ines, grant.event)


def test_the_yes_is_bound_to_the_lesser_effects(bank: Bank) -> None:
    item = submit_bank_item(bank)
    whole = compute_item_approval_hash(item)
    with pytest.raises(EffectsChangedError):
        approve_item(
            acting_user=bank.ines, item_id=item.pk, effects_hash=whole, comment="", now=clock.now(),
            narrowed=NarrowedTerms(columns=("amount",)),
        )  # fmt: skip
    assert not Decision.objects.exists()
    grant = approve_narrowed(bank, item, NarrowedTerms(columns=("amount",)))
    assert grant.effects_hash == compute_effects(grant.item).digest()


@pytest.mark.parametrize("field", ["trial_days", "hours", "ends_at"])
def test_the_hash_of_the_whole_time_approves_no_sooner_end(bank: Bank, field: str) -> None:
    item, now = submit_bank_item(bank), clock.now()
    sooner: dict[str, Any] = {field: now + timedelta(days=2) if field == "ends_at" else 7}
    less = NarrowedTerms(**sooner)
    whole = compute_item_approval_hash(item)
    said: dict[str, Any] = {"acting_user": bank.ines, "item_id": item.pk, "comment": "", "now": now}
    with pytest.raises(EffectsChangedError) as caught:
        approve_item(**said, effects_hash=whole, narrowed=less)
    with pytest.raises(EffectsChangedError):
        approve_item(**said, effects_hash=caught.value.effects_hash)
    assert not Decision.objects.exists()
    assert approve_item(**said, effects_hash=caught.value.effects_hash, narrowed=less)


def test_the_hash_of_one_sooner_end_approves_no_other(bank: Bank) -> None:
    item, now = submit_bank_item(bank), clock.now()
    effects = compute_effects(item)
    ends = [NarrowedTerms(ends_at=now + timedelta(days=days)) for days in (2, 3)]
    assert len({compute_approval_hash(item, effects, end) for end in ends}) == 2


def test_a_later_end_than_the_one_that_was_shown_is_refused(bank: Bank) -> None:
    item = submit_bank_item(bank)
    shown = compute_item_approval_hash(item)
    RequestItem.objects.filter(pk=item.pk).update(ends_at=item.ends_at + timedelta(days=1))
    with pytest.raises(EffectsChangedError):
        approve_item(acting_user=bank.ines, item_id=item.pk, effects_hash=shown, comment="", now=clock.now())
    assert not Grant.objects.exists()


def test_a_column_that_was_not_asked_for_is_refused(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="iban was not requested") as caught:
        approve_narrowed(bank, submit_bank_item(bank), NarrowedTerms(columns=("amount", "iban")))
    assert caught.value.field == "columns"


def test_of_the_whole_table_some_columns_are_less(bank: Bank) -> None:
    item = submit_wanted(bank, columns=(), whole_table=True)
    assert approve_narrowed(bank, item, NarrowedTerms(columns=("amount",))).intent.wanted["columns"] == {
        "include": ["amount"]
    }


def test_no_column_at_all_is_no_yes(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="Choose at least one column"):
        approve_narrowed(bank, submit_bank_item(bank), NarrowedTerms(columns=()))


def test_an_added_rule_is_joined_with_the_one_asked_for(bank: Bank) -> None:
    item = submit_wanted(bank, row_filter="claim_id = '1' OR claim_id = '2'")
    grant = approve_narrowed(bank, item, NarrowedTerms(row_filter="iban = '7'"))
    assert grant.item.row_filter == "(claim_id = '1' OR claim_id = '2') AND iban = '7'"
    assert grant.intent.wanted["row_filter"] == grant.item.row_filter


def test_an_earlier_end_is_the_grants_and_the_intents(bank: Bank) -> None:
    item, soon = submit_bank_item(bank), clock.now() + timedelta(days=3)
    grant = approve_narrowed(bank, item, NarrowedTerms(ends_at=soon))
    assert (grant.ends_at, grant.intent.expires_at, grant.item.ends_at) == (soon, soon, soon)
    assert grant.item.request.ends_at > soon


def test_a_trial_ends_after_its_days(bank: Bank) -> None:
    now = clock.now()
    grant = approve_narrowed(bank, submit_bank_item(bank), NarrowedTerms(trial_days=14), now=now)
    assert grant.ends_at == now + timedelta(days=14)
    assert Decision.objects.get().trial_days == 14
    assert "Ines Roth approved it for a trial of 14 days" in [m.text for m in build_item_timeline(grant.item)]


@pytest.mark.parametrize(
    ("less", "field"),
    [(NarrowedTerms(trial_days=31), "trial_days"), (NarrowedTerms(trial_days=0), "trial_days")],
)
def test_a_trial_longer_than_asked_or_of_no_day_is_refused(
    bank: Bank, less: NarrowedTerms, field: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        approve_narrowed(bank, submit_bank_item(bank), less)
    assert caught.value.field == field


def test_a_later_end_is_refused(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(RefusedError, match="Choose an earlier end") as caught:
        approve_narrowed(bank, item, NarrowedTerms(ends_at=item.ends_at + timedelta(days=1)))
    assert caught.value.field == "ends_at"


def test_metadata_can_only_end_sooner(bank: Bank) -> None:
    item = submit_wanted(bank, columns=(), metadata_only=True)
    with pytest.raises(RefusedError, match="Metadata can only be approved as a whole"):
        approve_narrowed(bank, item, NarrowedTerms(columns=("amount",)))
    assert approve_narrowed(bank, item, NarrowedTerms(trial_days=2)).item.metadata_only


def test_nothing_less_leaves_no_change(bank: Bank) -> None:
    approve_narrowed(bank, submit_bank_item(bank), NarrowedTerms(columns=("amount", "claim_id")))
    assert not ItemChange.objects.exists()


def test_differences_are_worded_line_by_line() -> None:
    asked = RequestTerms(
        ("a", "b"), whole_table=False, row_filter="", metadata_only=False, ends_at=build_day(9)
    )
    given = RequestTerms(
        ("b",), whole_table=False, row_filter="x = 1", metadata_only=False, ends_at=build_day(3)
    )
    assert [(line.kind, line.text) for line in list_differences(asked, given)] == [
        ("remove", "column a"),
        ("remove", "all rows"),
        ("add", "rows where x = 1"),
        ("remove", "until 9 March 2027, 12:00"),
        ("add", "until 3 March 2027, 12:00"),
    ]
    whole = RequestTerms((), whole_table=True, row_filter="", metadata_only=False, ends_at=build_day(9))
    assert [(line.kind, line.text) for line in list_differences(whole, asked)] == [
        ("remove", "the whole table"),
        ("add", "a, b"),
    ]


def build_day(day: int) -> datetime:
    return datetime.fromisoformat(f"2027-03-{day:02}T12:00:00+00:00")
