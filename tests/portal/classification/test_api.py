"""The classification queue by API."""

from typing import Any

import pytest

from catalog.classification.models import Finding, Scan
from identity.people.models import Person
from tests.bank import Bank
from tests.catalog.classification.findings import declassify, make_detection, record
from tests.portal.conftest import make_client
from tests.tag_keys import store_tag_keys

FINDINGS, SCANS = "/api/v1/classification-findings", "/api/v1/classification-scans"


@pytest.fixture
def findings(bank: Bank) -> list[Finding]:
    declassify(bank.claims)
    store_tag_keys(bank.catalog, {"confidentiality": ("private", "public", "sensitive")})
    return record(bank.claims, make_detection("amount"), make_detection("claim_id"))


def post(person: Person, address: str, body: dict[str, Any]) -> Any:
    return make_client(person).post(address, body, content_type="application/json")


def list_ids(findings: list[Finding]) -> list[str]:
    return [str(one.pk) for one in findings]


def test_findings_are_listed_and_filtered(bank: Bank, findings: list[Finding]) -> None:
    client = make_client(bank.ines)
    rows = client.get(f"{FINDINGS}?kind=iban&state=open&domain={bank.domain.slug}").json()["results"]
    assert {row["column"] for row in rows} == {"amount", "claim_id"}
    assert rows[0]["evidence"] == [{"check": "iban", "valid": 97, "sampled": 100}]
    assert client.get(f"{FINDINGS}?state=dismissed").json()["results"] == []
    assert make_client(bank.ana).get(FINDINGS).status_code == 404


def test_what_was_previewed_is_accepted(bank: Bank, findings: list[Finding]) -> None:
    ids = list_ids(findings)
    shown = post(bank.ines, f"{FINDINGS}/preview", {"findings": ids}).json()
    assert shown["access"] == []
    body = {"findings": ids, "effects_hash": shown["effects_hash"], "reason": "As detected."}
    other = post(bank.ines, f"{FINDINGS}/accept", {**body, "effects_hash": "x"})
    assert other.status_code == 422
    answer = post(bank.ines, f"{FINDINGS}/accept", body)
    assert answer.status_code == 202
    assert set(Finding.objects.values_list("tag_change", flat=True)) == {int(answer.json()["tag_change"])}
    assert post(bank.ines, f"{FINDINGS}/accept", body).status_code == 409


def test_findings_are_dismissed_and_reclassified(bank: Bank, findings: list[Finding]) -> None:
    first, second = list_ids(findings)
    changed = post(bank.ines, f"{FINDINGS}/change-class", {"findings": [first], "proposed_class": "private"})
    assert changed.json()["findings"][0]["proposed_class"] == "private"
    done = post(bank.ines, f"{FINDINGS}/dismiss", {"findings": [second], "reason": "Keys."})
    assert done.json()["findings"][0]["state"] == "dismissed"
    for address in ("dismiss", "change-class", "accept", "preview"):
        body = {"findings": [first], "reason": "x", "proposed_class": "public", "effects_hash": "x"}
        known = {"dismiss": ("reason",), "change-class": ("proposed_class",), "accept": ("reason", "effects_hash"), "preview": ()}[address]  # fmt: skip
        said = {name: body[name] for name in ("findings", *known)}
        assert post(bank.sam, f"{FINDINGS}/{address}", said).status_code == 404


def test_scans_are_started_and_read(bank: Bank) -> None:
    answer = post(bank.ines, SCANS, {"tables": [str(bank.claims.pk)]})
    assert answer.status_code == 202
    (row,) = answer.json()["scans"]
    assert (row["state"], row["table"]["id"]) == ("waiting", str(bank.claims.pk))
    assert make_client(bank.ines).get(f"{SCANS}/{row['id']}").json()["id"] == row["id"]
    assert make_client(bank.sam).get(f"{SCANS}/{row['id']}").status_code == 404
    assert post(bank.sam, SCANS, {"tables": [str(bank.claims.pk)]}).status_code == 404
    assert Scan.objects.count() == 1
