"""Problems over the API: the same verbs, refusals at their members."""

from typing import Any

import pytest

from catalog.problems import Problem
from tests.bank import Bank
from tests.discussion import hide, report
from tests.portal.api.calls import place_of, read, send


def build_body(bank: Bank, **changes: Any) -> dict[str, Any]:
    return {
        "data_product": bank.product.slug, "title": "Amounts are negative", "table": str(bank.claims.pk), "column": "amount",
    } | changes  # fmt: skip


def test_it_is_reported_acknowledged_and_resolved(bank: Bank) -> None:
    made = send(bank.ana, "problems", build_body(bank))
    assert made.status_code == 201
    address = f"problems/{made.json()['id']}"
    said = read(bank.sam, address)
    assert (said["state"], said["column"], said["table"]["name"]) == ("open", "amount", "claims")
    assert (said["answer_due_at"], said["answer_status"]) == (None, "not_promised")
    assert send(bank.sam, f"{address}/acknowledge", {}).status_code == 403
    done = send(
        bank.ines, f"{address}/acknowledge", {"comment": "We look.", "expected_on": "2099-01-01"}
    ).json()
    assert (done["state"], done["expected_on"]) == ("acknowledged", "2099-01-01")
    assert send(bank.ines, f"{address}/acknowledge", {}).status_code == 409
    assert send(bank.ines, f"{address}/resolve", {"comment": "Done."}).json()["state"] == "resolved"
    listed = read(bank.sam, "problems", state="resolved", data_product=bank.product.slug)["results"]
    assert [one["id"] for one in listed] == [said["id"]]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("data_product", "no-such"),
        ("title", " "),
        ("table", "999999"),
        ("column", "no-such"),
        ("description", "x" * 4001),
    ],
)
def test_a_refusal_names_its_member(bank: Bank, member: str, value: Any) -> None:
    answer = send(bank.ana, "problems", build_body(bank, **{member: value}))
    if member == "data_product":
        assert answer.status_code == 404
    else:
        assert (answer.status_code in {400, 422}, place_of(answer)) == (True, f"#/{member}")
    assert not Problem.objects.exists()


def test_a_past_day_is_refused_at_its_member(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    answer = send(bank.ines, f"problems/{problem.pk}/acknowledge", {"expected_on": "2020-01-01"})
    assert (answer.status_code, place_of(answer)) == (422, "#/expected_on")


def test_a_hidden_product_has_no_problems(bank: Bank) -> None:
    problem = report(bank, bank.ana)
    hide(bank)
    assert read(bank.ana, "problems")["results"] == []
    assert send(bank.ana, "problems", build_body(bank)).status_code == 404
    assert send(bank.ana, f"problems/{problem.pk}/resolve", {"comment": "Done."}).status_code == 404
