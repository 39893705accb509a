"""Tag changes over the API: the same verbs, refusals at their members, approval under If-Match."""

from typing import Any

import pytest

from catalog.tag_changes.models import TagChange
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client
from tests.tag_changes import KEY, OUTSIDER, TaggingBank


def build_body(tagging: TaggingBank, /, **changes: Any) -> dict[str, Any]:
    place = {"database": "insurance_gold", "table": "claims", "column": "amount"}
    return {
        "catalog": tagging.bank.catalog.short_name,
        "assignments": [{**place, "key": KEY, "value": "sensitive"}],
        "reason": "It is.",
    } | changes


def read_etag(tagging: TaggingBank, change: int) -> str:
    answer = make_client(tagging.bank.ines).get(f"/api/v1/tag-changes/{change}")
    return str(answer.headers["ETag"])


def test_it_is_previewed_proposed_and_approved_under_its_etag(tagging: TaggingBank) -> None:
    tagging.observe_reader()
    body = build_body(tagging)
    shown = send(tagging.ruth, "tag-changes/preview", {k: v for k, v in body.items() if k != "reason"}).json()
    assert [(one["principal"], one["lost"]) for one in shown["access"]] == [(OUTSIDER, ["amount"])]
    assert send(tagging.ruth, "tag-changes", body | {"effects_hash": "0" * 64}).status_code == 422
    made = send(tagging.ruth, "tag-changes", body | {"effects_hash": shown["effects_hash"]})
    assert made.status_code == 202
    pk, ines = made.json()["id"], tagging.bank.ines
    assert send(ines, f"tag-changes/{pk}/approve", {}).status_code == 428
    etag = read_etag(tagging, pk)
    tagging.observe_reader(principal=f"{OUTSIDER}-2")
    refused = send(ines, f"tag-changes/{pk}/approve", {}, **{"If-Match": etag})
    assert refused.status_code == 412
    done = send(ines, f"tag-changes/{pk}/approve", {}, **{"If-Match": read_etag(tagging, pk)}).json()
    assert (done["state"], done["status"], len(done["access"])) == ("approved", "applying", 2)
    assert send(ines, f"tag-changes/{pk}/reject", {"comment": "Late."}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"catalog": "no-such"}, "#/catalog"),
        ({"assignments": []}, "#/assignments"),
        ({"assignments": [{"database": "no", "key": KEY, "value": "public"}]}, "#/assignments"),
        ({"definitions": [{"key": "x", "values": []}]}, "#/definitions"),
    ],
)
def test_a_refusal_names_its_member(tagging: TaggingBank, changes: dict[str, Any], place: str) -> None:
    answer = send(tagging.ruth, "tag-changes", build_body(tagging, **changes))
    assert (answer.status_code, place_of(answer)) == (422, place)
    assert not TagChange.objects.exists()


def test_a_stranger_finds_nothing(tagging: TaggingBank) -> None:
    change, ana = tagging.propose(), tagging.bank.ana
    assert read(ana, "tag-changes")["results"] == []
    assert send(ana, f"tag-changes/{change.pk}/withdraw").status_code == 404
    assert send(ana, "tag-changes", build_body(tagging)).status_code == 403
    assert len(read(tagging.ruth, "tag-changes", state="pending")["results"]) == 1
    assert send(tagging.ruth, f"tag-changes/{change.pk}/withdraw").json()["state"] == "withdrawn"
