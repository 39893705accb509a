"""The pages of the classification queue."""

import re

import pytest
from django.urls import reverse

from catalog.classification.kinds import DetectedKind
from catalog.classification.models import Finding, Scan
from catalog.tag_changes.models import TagChange
from identity.people.models import Person
from tests.bank import Bank, make_owner_developer
from tests.catalog.classification.findings import declassify, make_detection, make_steward, record
from tests.portal.conftest import make_client
from tests.tag_keys import store_tag_keys

QUEUE = "classification"


@pytest.fixture
def findings(bank: Bank) -> list[Finding]:
    declassify(bank.claims)
    store_tag_keys(bank.catalog, {"confidentiality": ("private", "public", "sensitive")})
    return record(bank.claims, make_detection("amount"), make_detection("claim_id", DetectedKind.EMAIL))


def read(person: Person, name: str = QUEUE, query: str = "") -> str:
    answer = make_client(person).get(reverse(name) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def build_query(findings: list[Finding]) -> str:
    return "?" + "&".join(f"finding={one.pk}" for one in findings)


def test_the_queue_shows_evidence_as_counts(bank: Bank, findings: list[Finding]) -> None:
    page = read(bank.ines)
    assert "97 of 100 sampled values: IBANs with a valid checksum." in page
    assert 'type="checkbox"' in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("?kind=iban", ["amount"]), ("?proposed_class=private", ["claim_id"]), ("?state=dismissed", []), ("?domain=nowhere", ["amount", "claim_id"]),
        ("?state=any", ["amount", "claim_id"]), ("?kind=x", ["amount", "claim_id"]), ("?page=99", ["amount", "claim_id"]),
    ],
)  # fmt: skip
def test_the_queue_is_filtered(bank: Bank, findings: list[Finding], query: str, shown: list[str]) -> None:
    assert re.findall(r'<span class="mono" dir="auto">(\w+)</span>', read(bank.ines, query=query)) == shown


def test_all_that_is_shown_is_selected_without_javascript(bank: Bank, findings: list[Finding]) -> None:
    assert "checked" not in read(bank.ines)
    assert read(bank.ines, query="?select=all").count(" checked") == 2


def test_stewards_and_admins_see_it_and_others_do_not(bank: Bank, findings: list[Finding]) -> None:
    for person in (make_steward(), bank.greta, bank.ivo):
        assert "amount" in read(person)
    names = (QUEUE, "classification-accept", "classification-dismiss", "classification-scans")
    for person in (bank.ana, make_owner_developer(bank)):
        for name in names:
            assert make_client(person).get(reverse(name)).status_code == 404
    assert "amount</span>" not in read(bank.sam)


def test_effects_are_shown_and_proposed_as_shown(bank: Bank, findings: list[Finding]) -> None:
    page = read(bank.ines, "classification-accept", build_query(findings))
    assert "Nobody gains or loses access." in page
    shown = re.search(r'name="effects_hash" value="(\w+)"', page)
    assert shown is not None
    body = {"finding": [one.pk for one in findings], "effects_hash": shown[1], "reason": "As detected."}
    answer = make_client(bank.ines).post(reverse("classification-accept"), body)
    change = TagChange.objects.get()
    assert answer.headers["Location"] == reverse("tag-change", args=[change.pk])
    assert len(change.assignments) == 2


def test_what_was_shown_before_is_refused(bank: Bank, findings: list[Finding]) -> None:
    body = {"finding": [findings[0].pk], "effects_hash": "0" * 64, "reason": "As detected."}
    answer = make_client(bank.ines).post(reverse("classification-accept"), body)
    assert answer.status_code == 422
    assert "have changed since you opened it" in answer.content.decode()
    assert not TagChange.objects.exists()


def test_another_class_is_proposed(bank: Bank, findings: list[Finding]) -> None:
    body = {"finding": [findings[0].pk], "proposed_class": "public"}
    answer = make_client(bank.ines).post(reverse("classification-class"), body, follow=True)
    assert "Class changed" in answer.content.decode()
    assert Finding.objects.get(pk=findings[0].pk).proposed_class == "public"


def test_findings_are_dismissed_with_a_reason(bank: Bank, findings: list[Finding]) -> None:
    client, address = make_client(bank.ines), reverse("classification-dismiss")
    body = {"finding": [one.pk for one in findings], "reason": ""}
    assert client.post(address, body).status_code == 422
    client.post(address, {**body, "reason": "Made-up test data."})
    assert set(Finding.objects.values_list("state", "reason")) == {("dismissed", "Made-up test data.")}
    assert "Made-up test data." in read(bank.ines, query="?state=dismissed")


def test_scans_of_a_product_and_of_a_table_are_started(bank: Bank) -> None:
    client, address = make_client(bank.ines), reverse("classification-scans")
    assert client.post(address, {"product": bank.product.slug}).status_code == 302
    assert Scan.objects.get().table == bank.claims
    assert client.post(address, {"table": str(bank.claims)}).status_code == 302
    for wrong in ({}, {"table": "no.such"}, {"product": bank.product.slug, "table": str(bank.claims)}):
        assert client.post(address, wrong).status_code == 422
    assert Scan.objects.count() == 1
