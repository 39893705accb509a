"""The intake answers as OpenLineage's API does, and takes only what a token's scope allows."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from catalog.lineage.models import LineageDataset, LineageRun
from tests.bank import Bank
from tests.catalog.lineage.samples import run_event
from tests.identity.service_tokens.samples import make_service_token

ONE, BATCH = "/api/v1/lineage", "/api/v1/lineage/batch"


@pytest.fixture
def service(bank: Bank) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_service_token(bank.ines).secret}"})


def post(client: Client, address: str, body: Any, **more: Any) -> Any:
    return client.post(address, body, content_type="application/json", **more)


def test_an_event_is_taken(service: Client, bank: Bank) -> None:
    answer = post(service, ONE, run_event())
    assert (answer.status_code, answer.json()["status"]) == (200, "success")
    assert LineageRun.objects.get().job.team == bank.insurance


def test_a_batch_says_which_events_were_not_taken(service: Client) -> None:
    events = [run_event(), {**run_event(run=2), "eventTime": "yesterday"}, "nonsense", run_event(run=3)]
    answer = post(service, BATCH, json.dumps(events)).json()
    assert answer["status"] == "partial_success"
    assert answer["summary"] == {
        "received": 4, "successful": 2, "failed": 2, "retriable": 0, "non_retriable": 2,
    }  # fmt: skip
    assert [(one["index"], one["errors"][0]["pointer"]) for one in answer["failed_events"]] == [
        (1, "#/eventTime"),
        (2, "#"),
    ]
    assert LineageRun.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"eventTime": "9999-01-01T00:00:00Z"}, "#/eventTime"),
        ({"run": {"runId": "no-uuid"}}, "#/run/runId"),
        ({"job": {"namespace": "x"}}, "#/job"),
        ({"eventType": "DONE"}, "#/eventType"),
        ({"inputs": "raw"}, "#/inputs"),
        ({"job": None}, "#/job"),
    ],
)
def test_a_malformed_event_is_refused_with_its_place(service: Client, change: Any, pointer: str) -> None:
    answer = post(service, ONE, {**run_event(), **change})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert not LineageRun.objects.exists()


def test_parts_that_cannot_be_read_are_left_out_with_a_warning(service: Client) -> None:
    good, empty = {"namespace": "s3://b", "name": "good"}, {"namespace": "s3://b", "name": ""}
    odd = run_event(run=2) | {"inputs": [good, empty], "eventTime": "2026-03-01T10:10:00.829392"}
    answer = post(service, BATCH, json.dumps([run_event(), odd]))
    assert (answer.status_code, answer.json()["status"]) == (200, "success")
    (warning,) = answer.json()["warnings"]
    assert (warning["index"], [one["pointer"] for one in warning["parts"]]) == (1, ["#/inputs/1"])
    assert LineageDataset.objects.filter(namespace="s3://b").get().name == "good"


def test_a_failure_whose_time_has_no_offset_ends_the_run(service: Client) -> None:
    start = run_event() | {"eventType": "START", "eventTime": "2026-03-01T10:00:00Z"}
    post(service, ONE, start)
    assert not LineageRun.objects.get().is_ended
    answer = post(
        service, ONE, run_event() | {"eventType": "FAIL", "eventTime": "2026-03-01T10:10:00.829392"}
    )
    assert answer.status_code == 200, answer.content
    run = LineageRun.objects.get()
    assert (run.state, run.state_at) == ("fail", datetime(2026, 3, 1, 10, 10, 0, 829392, tzinfo=UTC))


@pytest.mark.parametrize("body", ["[]", '"x"', "7", "null", "{", '{"eventTime": "\\u0000"}'])
def test_what_is_no_event_is_refused(service: Client, body: str) -> None:
    assert post(service, ONE, body).status_code == 400


def test_a_compressed_body_is_unpacked_within_bounds(service: Client) -> None:
    packed = {"headers": {"Content-Encoding": "gzip"}}
    assert post(service, ONE, gzip.compress(json.dumps(run_event()).encode()), **packed).status_code == 200
    assert post(service, ONE, gzip.compress(b" " * 20_000_000), **packed).status_code == 400
    assert post(service, ONE, b"not gzip", **packed).status_code == 400
    assert post(service, ONE, b"{}", headers={"Content-Encoding": "br"}).status_code == 415


def test_without_a_token_nobody_sends_events(bank: Bank, client: Client) -> None:
    assert post(client, ONE, run_event()).status_code == 401
    client.force_login(bank.ines)
    assert post(client, ONE, run_event()).status_code == 401
    unknown = Client(headers={"Authorization": "Bearer mmk_" + "A" * 43})
    assert post(unknown, ONE, run_event()).status_code == 401
    other = make_service_token(bank.ines, scopes=("data:read",)).secret
    assert post(Client(headers={"Authorization": f"Bearer {other}"}), ONE, run_event()).status_code == 403


def test_a_token_opens_nothing_else(service: Client) -> None:
    for address in ("/api/v1/grants", "/api/v1/lineage?node=table:1", "/api/v1/tokens"):
        assert service.get(address).status_code == 401
    assert service.get("/tokens/").status_code == 302


def test_too_many_events_are_refused(service: Client) -> None:
    assert post(service, BATCH, json.dumps([{}] * 1001)).status_code == 400
    assert post(service, BATCH, "{}").status_code == 400
