"""The risk of a yes: a sum of what weighs, in words; and what an item is weighed by."""

from datetime import timedelta

import pytest

from audit import clock
from requests_app.access_requests.models import Item
from requests_app.review.comments import return_item
from requests_app.review.risk import RiskFacts, compute_risk, get_highest_classification, parse_risk_facts
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, asked_item

PLAIN = {"classification": "public", "whole_table": False, "widens": False, "outside": False, "days": 30}


def facts(**changes: object) -> RiskFacts:
    return RiskFacts(**PLAIN | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "points", "reasons"),
    [
        ({}, 0, ()),
        ({"classification": "private"}, 10, ("private columns",)),
        ({"classification": ""}, 15, ("unclassified columns",)),
        ({"classification": "sensitive"}, 40, ("sensitive columns",)),
        ({"classification": None}, 0, ()),
        ({"outside": True, "days": 400}, 35, ("outside the organisation", "for 400 days")),
        (
            {"whole_table": True, "widens": True},
            30,
            ("future columns", "more becomes visible through other access"),
        ),
    ],
)
def test_each_fact_weighs_and_says_so(
    changes: dict[str, object], points: int, reasons: tuple[str, ...]
) -> None:
    found = compute_risk(facts(**changes))
    assert (found.points, found.reasons) == (points, reasons)


def test_the_level_follows_the_points() -> None:
    sensitive = facts(classification="sensitive")
    assert [compute_risk(one).level for one in (facts(), sensitive)] == ["low", "medium"]
    assert compute_risk(facts(classification="sensitive", outside=True)).level == "high"


@pytest.mark.parametrize("name", ["whole_table", "widens", "outside"])
@pytest.mark.parametrize("classification", ["public", "private", "", "sensitive", None])
def test_one_more_reason_never_weighs_less(name: str, classification: str | None) -> None:
    one = facts(classification=classification)
    more = facts(classification=classification, **{name: True})
    assert compute_risk(more).points > compute_risk(one).points


def test_the_worst_of_several_counts_and_none_of_none() -> None:
    assert get_highest_classification(["public", "sensitive", ""]) == "sensitive"
    assert get_highest_classification(["public", ""]) == ""
    assert get_highest_classification([]) is None


def test_an_item_is_weighed_when_it_is_asked_for_and_anew_when_it_changes(bank: Bank) -> None:
    asked = RequestedItem(bank.claims.pk, ("claim_id", "iban"), whole_table=False, product_id=None)
    item = asked_item(bank, items=[asked])
    weighed = parse_risk_facts(item.risk_facts)
    assert weighed is not None
    assert (item.risk, compute_risk(weighed).reasons) == (40, ("sensitive columns",))
    return_item(acting_user=bank.ines, item_id=item.pk, comment="No iban?", key="k", now=clock.now())
    less = RequestedItem(bank.claims.pk, ("claim_id",), whole_table=False, product_id=None)
    resubmit_item(
        acting_user=bank.ana, item_id=item.pk, ask=less, ends_at=item.ends_at, comment="", now=clock.now()
    )
    assert Item.objects.get().risk == 0


def test_an_account_outside_and_a_long_time_weigh(bank: Bank) -> None:
    bank.bi_account.in_organisation = False
    bank.bi_account.save()
    item = asked_item(bank, ends_at=clock.now() + timedelta(days=200))
    assert item.risk_facts == {**PLAIN, "outside": True, "days": 200}
    assert item.risk == 25 + 6


def test_metadata_weigh_no_data(bank: Bank) -> None:
    factories.make_column(bank.claims, "birth_date", 5)
    asked = RequestedItem(bank.claims.pk, (), whole_table=False, product_id=None, metadata_only=True)
    assert asked_item(bank, items=[asked]).risk == 0
