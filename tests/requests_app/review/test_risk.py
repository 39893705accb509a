"""The risk of a yes: a sum of what weighs, in words; and what an item is weighed by."""

from datetime import timedelta

import pytest

from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.review.comments import request_changes
from requests_app.review.risk import RiskFacts, compute_risk, get_highest_classification, parse_risk_facts
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item

PLAIN = {
    "classification": "public",
    "whole_table": False,
    "has_widening": False,
    "is_outside_organisation": False,
    "days": 30,
}


def build_facts(**changes: object) -> RiskFacts:
    return RiskFacts(**PLAIN | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "points", "reasons"),
    [
        ({}, 0, ()),
        ({"classification": "private"}, 10, ("private columns",)),
        ({"classification": ""}, 15, ("unclassified columns",)),
        ({"classification": "sensitive"}, 40, ("sensitive columns",)),
        ({"classification": None}, 0, ()),
        ({"is_outside_organisation": True, "days": 400}, 35, ("outside the organisation", "for 400 days")),
        (
            {"whole_table": True, "has_widening": True},
            30,
            ("future columns", "more becomes visible through other access"),
        ),
    ],
)
def test_each_fact_weighs_and_says_so(
    changes: dict[str, object], points: int, reasons: tuple[str, ...]
) -> None:
    found = compute_risk(build_facts(**changes))
    assert (found.points, found.reasons) == (points, reasons)


@pytest.mark.parametrize(
    ("changes", "sentences"),
    [
        ({}, ("All columns are public.", "The access lasts 30 days.", "All rows are visible.")),
        (
            {"classification": None},
            ("Only names and types are visible, no data.", "The access lasts 30 days."),
        ),
        (
            {"classification": "sensitive", "highest_count": 2, "column_count": 6, "has_row_filter": True},
            (
                "2 of 6 columns are sensitive.",
                "The access lasts 30 days.",
                "Only rows that pass the filter are visible.",
            ),
        ),
        (
            {"classification": "", "is_outside_organisation": True, "whole_table": True, "days": 1},
            (
                "The account that would read it is outside the organisation.",
                "Some columns are not classified yet.",
                "Columns that are added later are included.",
                "The access lasts a day.",
                "All rows are visible.",
            ),
        ),
    ],
)
def test_each_fact_is_explained_in_a_sentence(changes: dict[str, object], sentences: tuple[str, ...]) -> None:
    assert compute_risk(build_facts(**changes)).explanations == sentences


def test_facts_scored_before_columns_were_counted_are_still_read() -> None:
    assert parse_risk_facts(PLAIN | {"classification": "private"}) == build_facts(classification="private")


def test_the_level_follows_the_points() -> None:
    sensitive = build_facts(classification="sensitive")
    assert [compute_risk(one).level for one in (build_facts(), sensitive)] == ["low", "medium"]
    assert compute_risk(build_facts(classification="sensitive", is_outside_organisation=True)).level == "high"


@pytest.mark.parametrize("name", ["whole_table", "has_widening", "is_outside_organisation"])
@pytest.mark.parametrize("classification", ["public", "private", "", "sensitive", None])
def test_one_more_reason_never_weighs_less(name: str, classification: str | None) -> None:
    one = build_facts(classification=classification)
    more = build_facts(classification=classification, **{name: True})
    assert compute_risk(more).points > compute_risk(one).points


def test_the_worst_of_several_counts_and_none_of_none() -> None:
    assert get_highest_classification(["public", "sensitive", ""]) == "sensitive"
    assert get_highest_classification(["public", ""]) == ""
    assert get_highest_classification([]) is None


def test_an_item_is_weighed_when_it_is_asked_for_and_anew_when_it_changes(bank: Bank) -> None:
    asked = RequestedItem(bank.claims.pk, ("claim_id", "iban"), whole_table=False, product_id=None)
    item = submit_bank_item(bank, items=[asked])
    weighed = parse_risk_facts(item.risk_facts)
    assert weighed is not None
    assert (item.risk, compute_risk(weighed).reasons) == (40, ("sensitive columns",))
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment="No iban?", idempotency_key="k", now=clock.now()
    )
    less = RequestedItem(bank.claims.pk, ("claim_id",), whole_table=False, product_id=None)
    resubmit_item(
        acting_user=bank.ana,
        item_id=item.pk,
        requested_item=less,
        ends_at=item.ends_at,
        comment="",
        now=clock.now(),
    )
    assert RequestItem.objects.get().risk == 0


def test_an_account_outside_and_a_long_time_weigh(bank: Bank) -> None:
    bank.bi_account.in_organisation = False
    bank.bi_account.save()
    item = submit_bank_item(bank, ends_at=clock.now() + timedelta(days=200))
    counted = {"highest_count": 2, "column_count": 2, "has_row_filter": False}
    assert item.risk_facts == {**PLAIN, **counted, "is_outside_organisation": True, "days": 200}
    assert item.risk == 25 + 6


def test_metadata_weigh_no_data(bank: Bank) -> None:
    factories.make_column(bank.claims, "birth_date", 5)
    asked = RequestedItem(bank.claims.pk, (), whole_table=False, product_id=None, metadata_only=True)
    assert submit_bank_item(bank, items=[asked]).risk == 0
