"""Registrations over the API: the same verbs, refusals at their members."""

from typing import Any

import pytest

from catalog.registrations.models import Registration
from identity.accounts import Principal
from tests import factories
from tests.bank import Bank
from tests.portal.api.calls import place_of, read, send
from tests.registrations import COLUMNS, GOLD, ask, build_content, make_producer


@pytest.fixture
def engineer(bank: Bank) -> Principal:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    return factories.make_principal(account, "claims-pipeline")


def build_body(bank: Bank, engineer: Principal, /, **changes: Any) -> dict[str, Any]:
    return {
        "catalog": bank.catalog.short_name, "domain": bank.domain.slug, "engineer": engineer.arn,
        "database": "registered", "table": "policies", "location": f"{GOLD}policies/", "columns": list(COLUMNS),
        "partition_keys": [{"name": "day", "type": "date"}], "purpose": "For the group.",
    } | changes  # fmt: skip


def test_it_is_asked_for_read_and_approved(bank: Bank, engineer: Principal) -> None:
    made = send(bank.ines, "registrations", build_body(bank, engineer))
    assert made.status_code == 202
    said = read(bank.ivo, f"registrations/{made.json()['id']}")
    assert (said["state"], said["status"], said["producer"]["id"]) == (
        "requested", "requested", engineer.account.account_id,
    )  # fmt: skip
    address = f"registrations/{said['id']}"
    assert send(bank.ivo, f"{address}/approve", {"effects_hash": "0" * 64}).status_code == 422
    assert send(bank.ines, f"{address}/approve", {"effects_hash": said["effects_hash"]}).status_code == 403
    done = send(bank.ivo, f"{address}/approve", {"effects_hash": said["effects_hash"]}).json()
    assert (done["state"], done["status"], done["effects_hash"]) == (
        "approved", "registering", said["effects_hash"],
    )  # fmt: skip
    assert send(bank.ivo, f"{address}/reject", {"reason": "Too late."}).status_code == 409
    assert send(bank.ivo, f"{address}/end", {"reason": "It moved."}).json()["status"] == "ending"


def test_another_location_is_approved_by_a_governor(bank: Bank, engineer: Principal) -> None:
    body = build_body(bank, engineer, location="s3://elsewhere/x/")
    assert place_of(send(bank.ines, "registrations", body)) == "#/location"
    made = send(bank.ines, "registrations", body | {"exception_reason": "It moves."}).json()
    address = f"registrations/{made['id']}"
    assert send(bank.ivo, f"{address}/exceptions", {"comment": "Fine."}).status_code == 403
    assert send(bank.greta, f"{address}/exceptions", {"comment": "Fine."}).json()["exception_by"]["name"]
    assert send(bank.ines, f"{address}/withdraw").json()["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("catalog", "no-such"),
        ("engineer", "arn:aws:iam::000000000001:role/x"),
        ("columns", [{"name": "A", "type": "int"}]),
        ("table", "A-b"),
    ],
)
def test_a_refusal_names_its_member(bank: Bank, engineer: Principal, member: str, value: Any) -> None:
    answer = send(bank.ines, "registrations", build_body(bank, engineer, **{member: value}))
    assert (answer.status_code, place_of(answer)) == (422, f"#/{member}")
    assert not Registration.objects.exists()


def test_a_stranger_finds_nothing(bank: Bank, engineer: Principal) -> None:
    row = ask(bank.ines, build_content(bank.catalog, bank.domain, engineer))
    assert read(bank.ana, "registrations")["results"] == []
    assert send(bank.ana, f"registrations/{row.pk}/withdraw").status_code == 404
    assert len(read(bank.greta, "registrations", state="requested")["results"]) == 1
    assert send(bank.ines, "registrations", build_body(bank, engineer, domain="no-such")).status_code == 404
