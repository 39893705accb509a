"""A call in a timeline is one readable line, however many columns it was about."""

from datetime import UTC, datetime

import pytest

from fulfilment.rounds import Step, StepEntry
from fulfilment.timeline import build_event, describe_entry
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import DataCatalog, Permission

SELECT = Permission(DataCatalog("111111111111", "eu-central-1"), "role", "insurance_gold", "claims", "SELECT")
NAMES = [f"column_{number:02}" for number in range(11)]


def build_entry(names: list[str], error: str = "") -> StepEntry:
    atom = {**SELECT.to_json(), "columns": ColumnSet.include(names).to_json()}
    step = Step(account_id="111111111111", sent_at=datetime(2026, 11, 20, tzinfo=UTC), outcome="done")
    return StepEntry(step=step, action="grant", atom=atom, resource=SELECT.resource, error=error)


def test_a_long_list_of_columns_is_shortened_with_the_whole_below() -> None:
    moment = build_event(build_entry(NAMES))
    assert moment.text == "Granted SELECT on insurance_gold.claims (column_00, column_01 and 9 more)"
    whole = ", ".join(NAMES)
    assert (moment.detail, moment.account_id) == (whole, "111111111111")
    assert build_event(build_entry(NAMES, "AccessDenied")).detail == f"AccessDenied · {whole}"


def test_a_short_list_is_told_once() -> None:
    moment = build_event(build_entry(NAMES[:2]))
    assert moment.text == "Granted SELECT on insurance_gold.claims (column_00, column_01)"
    assert (moment.detail, moment.account_id) == ("", "111111111111")


def test_what_is_no_permission_is_told_by_its_name() -> None:
    step = Step(account_id="111111111111", outcome="done")
    link = StepEntry(step=step, action="link", atom={"name": "insurance_gold_1"}, resource="insurance_gold_1")
    assert describe_entry(link) == "Created resource link insurance_gold_1"


@pytest.mark.parametrize(
    ("outcome", "kind", "text"),
    [
        ("done", "", "Created data cells filter"),
        ("sent", "", "Asked AWS to create data cells filter"),
        ("unknown", "", "Asked AWS to create data cells filter"),
        ("failed", "denied", "AWS refused to create data cells filter"),
        ("failed", "throttled", "Tried to create data cells filter"),
    ],
)
def test_a_title_says_what_happened(outcome: str, kind: str, text: str) -> None:
    step = Step(account_id="111111111111", outcome=outcome)
    entry = StepEntry(step=step, action="filter", atom={}, resource="db/claims", error_kind=kind, error=kind)
    assert describe_entry(entry).startswith(f"{text} ")
