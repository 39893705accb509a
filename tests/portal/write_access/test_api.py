"""Write requests over the API: the same verbs, refusals at their members."""

from typing import Any

import pytest

from identity.accounts import Principal
from requests_app.write_access.models import WriteRequest
from tests import factories
from tests.bank import Bank
from tests.portal.api.calls import place_of, read, send


def build_body(bank: Bank, pipeline: Principal, /, **changes: Any) -> dict[str, Any]:
    return {
        "table": str(bank.claims.pk), "principal": pipeline.arn, "verbs": ["INSERT", "ALTER"], "purpose": "The nightly load.",
        "expires_at": factories.days_from_now(30).isoformat(),
    } | changes  # fmt: skip


def test_it_is_requested_read_approved_and_ended(bank: Bank, pipeline: Principal) -> None:
    made = send(bank.ines, "write-requests", build_body(bank, pipeline))
    assert made.status_code == 202
    address = f"write-requests/{made.json()['id']}"
    said = read(bank.ivo, address)
    assert (said["state"], said["status"], said["verbs"]) == ("requested", "requested", ["ALTER", "INSERT"])
    assert send(bank.ivo, f"{address}/approve", {"effects_hash": "0" * 64}).status_code == 422
    assert send(bank.ines, f"{address}/approve", {"effects_hash": said["effects_hash"]}).status_code == 403
    done = send(bank.ivo, f"{address}/approve", {"effects_hash": said["effects_hash"]}).json()
    assert (done["state"], done["status"]) == ("approved", "granting")
    assert send(bank.ivo, f"{address}/reject", {"reason": "Too late."}).status_code == 409
    assert send(bank.ivo, f"{address}/end", {"reason": "It moved."}).json()["status"] == "ending"
    assert [one["id"] for one in read(bank.greta, "write-requests?state=ended")["results"]] == [said["id"]]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("table", "999999"),
        ("principal", "arn:aws:iam::1:role/x"),
        ("verbs", []),
        ("purpose", " "),
        ("expires_at", "2020-01-01"),
    ],
)
def test_a_refusal_names_its_member(bank: Bank, pipeline: Principal, member: str, value: Any) -> None:
    answer = send(bank.ines, "write-requests", build_body(bank, pipeline, **{member: value}))
    assert (answer.status_code in {400, 422}, place_of(answer)) == (True, f"#/{member}")
    assert not WriteRequest.objects.exists()


def test_a_consumer_gets_no_write_access(bank: Bank, pipeline: Principal) -> None:
    for person, role in ((bank.ana, bank.role), (bank.ana, pipeline), (bank.ines, bank.role)):
        assert send(person, "write-requests", build_body(bank, role)).status_code == 422
    assert not WriteRequest.objects.exists()
