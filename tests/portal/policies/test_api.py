"""Policies over the API: drafted, replayed, published, retired; and an approval that needs others."""

from typing import Any

from requests_app.review.terms import compute_item_approval_hash
from tests.bank import Bank, submit_bank_item
from tests.portal.api.calls import place_of, read, send
from tests.requests_app.policy_setup import make_approval_rule, make_privacy, publish_rules

DRAFT: dict[str, Any] = {
    "rules": [{"name": "two", "then": {"needs": [{"role": "owner", "quorum": 2}]}}],
    "note": "Two look at all of it.",
}


def test_a_policy_from_draft_to_retirement(bank: Bank) -> None:
    item = submit_bank_item(bank)
    address = f"policies/{bank.domain.slug}"
    drafted, again = (send(bank.ines, f"{address}/versions", DRAFT, key="d") for _ in range(2))
    assert (drafted.status_code, again.json()) == (201, drafted.json())
    version = f"{address}/versions/1"
    assert drafted["Location"].endswith(version)
    replayed = read(bank.ines, f"{version}/replay")
    assert (replayed["item_count"], replayed["escalated_count"]) == (1, 1)
    (row,) = replayed["differing"]
    assert (row["request_item"]["id"], row["before"], row["after"]) == (
        str(item.pk), "Needs approval by a data owner.", "Needs approval by 2 data owners.",
    )  # fmt: skip
    assert send(bank.ines, f"{version}/publish").json()["lifecycle"] == "published"
    assert send(bank.ines, f"{version}/publish").status_code == 409
    assert read(bank.ines, address)["published"] == read(bank.ines, version)
    assert [one["number"] for one in read(bank.ines, f"{address}/versions")["results"]] == [1]
    assert place_of(send(bank.ines, f"{version}/retire")) == "#/comment"
    retired = send(bank.ines, f"{version}/retire", {"comment": "Replaced by offers."}).json()
    assert (retired["lifecycle"], retired["comment"]) == ("retired", "Replaced by offers.")


def test_a_domains_policy_is_its_own(bank: Bank) -> None:
    address = f"policies/{bank.domain.slug}/versions"
    assert send(bank.ana, address, DRAFT).status_code == 404
    assert send(bank.greta, address, DRAFT).status_code == 403
    assert [one["id"] for one in read(bank.ana, "policies")["results"]] == ["global"]
    assert read(bank.ana, "policies/global")["domain"] is None


def test_an_approval_that_needs_others_gives_no_grant_yet(bank: Bank) -> None:
    make_privacy()
    publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    item = submit_bank_item(bank)
    review = read(bank.ines, f"reviews/{item.pk}")
    assert [one["role"] for one in review["policy"]["required_approvals"]] == [
        "data_owner",
        "privacy_officer",
    ]
    said = {"outcome": "approve", "effects_hash": compute_item_approval_hash(item), "policy_hash": "0" * 64}
    address = f"reviews/{item.pk}/decisions"
    changed = send(bank.ines, address, said)
    assert (changed.status_code, changed.json()["code"]) == (409, "policy_changed")
    answer = send(bank.ines, address, said | {"policy_hash": review["policy_hash"]})
    assert (answer.status_code, answer.json()["grant"]) == (201, None)
    shown = answer.json()["request_item"]
    assert (shown["state_reason"], shown["next"]) == ("partly_approved", "privacy_officer")
