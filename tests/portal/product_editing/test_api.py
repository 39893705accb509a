"""Data products by the API: created, drafted, published, and their history."""

from typing import Any

import pytest

from catalog.mirror.models import Database
from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from identity.people.models import Membership, Person
from tests import factories
from tests.bank import Bank
from tests.portal.api.calls import patch, place_of, read, send
from tests.portal.conftest import make_client
from tests.products import save_draft

SUMMARY = "Claims of every line, each night."


def get_draft(bank: Bank, slug: str = "") -> Any:
    return make_client(bank.ines).get(f"/api/v1/data-products/{slug or bank.product.slug}/draft")


def change(bank: Bank, etag: str, slug: str = "", person: Person | None = None, **said: Any) -> Any:
    address = f"data-products/{slug or bank.product.slug}/draft"
    return patch(person or bank.ines, address, said, **{"If-Match": etag})


def test_a_draft_is_changed_member_by_member_and_published(bank: Bank) -> None:
    before = get_draft(bank)
    assert (before.json()["changed"], before.json()["written_by"]) == ([], None)
    changed = change(bank, before.headers["ETag"], summary=SUMMARY, keywords=["loss"], note="Say when.")
    said = changed.json()
    assert (changed.status_code, said["changed"]) == (200, ["summary", "keywords"])
    assert (said["name"], said["written_by"]["name"]) == (bank.product.name, bank.ines.name)
    address = f"data-products/{bank.product.slug}"
    done = send(bank.ines, f"{address}/draft/publish", **{"If-Match": changed.headers["ETag"]})
    assert (done.status_code, done.json()["summary"]) == (200, SUMMARY)
    (revision,) = read(bank.ines, f"{address}/revisions")["results"]
    assert (revision["number"], revision["note"]) == (1, "Say when.")
    assert revision["changed"] == ["summary", "keywords"]


def test_what_was_not_read_is_not_written(bank: Bank) -> None:
    etag = get_draft(bank).headers["ETag"]
    address = f"data-products/{bank.product.slug}/draft"
    assert patch(bank.ines, address, {"summary": SUMMARY}).status_code == 428
    save_draft(bank, bank.ines, summary="Another one.")
    assert change(bank, etag, summary=SUMMARY).status_code == 412
    for verb in ("publish", "discard"):
        assert send(bank.ines, f"{address}/{verb}", **{"If-Match": etag}).status_code == 412
    assert ProductRevision.objects.get().content["summary"] == "Another one."


def test_a_draft_is_discarded(bank: Bank) -> None:
    etag = change(bank, get_draft(bank).headers["ETag"], summary=SUMMARY).headers["ETag"]
    address = f"data-products/{bank.product.slug}/draft/discard"
    done = send(bank.ines, address, **{"If-Match": etag})
    assert (done.status_code, done.json()["changed"]) == (200, [])
    assert ProductRevision.objects.get().state == "discarded"


def test_a_product_is_created_filled_and_published(bank: Bank) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(domain=bank.domain)
    payouts = factories.make_table(bank.claims.database, "payouts")
    body = {"domain": bank.domain.slug, "name": "Payouts", "summary": "Paid.", "owner": str(bank.ines.pk)}
    made = send(bank.ines, "data-products", body)
    assert (made.status_code, made.json()["id"]) == (201, "payouts")
    etag = change(bank, get_draft(bank, "payouts").headers["ETag"], "payouts", tables=[str(payouts.pk)])
    assert [table["name"] for table in etag.json()["tables"]] == ["payouts"]
    send(bank.ines, "data-products/payouts/draft/publish", **{"If-Match": etag.headers["ETag"]})
    assert [table["name"] for table in read(bank.ana, "data-products/payouts")["tables"]] == ["payouts"]


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("name", ""),
        ("summary", " "),
        ("owner", "987654321"),
        ("tables", ["987654321"]),
        ("keywords", ["x" * 61]),
    ],
)
def test_an_invalid_member_is_named(bank: Bank, member: str, value: Any) -> None:
    body: dict[str, Any] = {member: value}
    refused = change(bank, get_draft(bank).headers["ETag"], **body)
    assert refused.status_code in {400, 422}
    assert place_of(refused).startswith(f"#/{member}")
    assert not ProductRevision.objects.exists()


def test_a_name_that_is_taken_is_refused(bank: Bank) -> None:
    body = {
        "domain": bank.domain.slug,
        "name": bank.product.name,
        "summary": "S.",
        "owner": str(bank.ines.pk),
    }
    assert place_of(send(bank.ines, "data-products", body)) == "#/name"


def test_a_developer_drafts_and_does_not_publish(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    etag = change(bank, get_draft(bank).headers["ETag"], person=dev, summary=SUMMARY).headers["ETag"]
    refused = send(dev, f"data-products/{bank.product.slug}/draft/publish", **{"If-Match": etag})
    assert refused.status_code == 403
    assert DataProduct.objects.get(pk=bank.product.pk).summary != SUMMARY


def test_nobody_else_finds_a_draft(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY)
    for person in (bank.ana, bank.sam, bank.greta):
        answer = make_client(person).get(f"/api/v1/data-products/{bank.product.slug}/draft")
        assert answer.status_code == 404
        body = {"domain": bank.domain.slug, "name": "N", "summary": "S.", "owner": str(bank.ines.pk)}
        assert send(person, "data-products", body).status_code == 404


def test_details_are_read_and_written_by_member(bank: Bank) -> None:
    other = factories.make_product(bank.product.domain, bank.ines, [], "Weather")
    said: dict[str, Any] = {
        "freshness_hours": 24,
        "completeness_percent": 99.5,
        "retention": "7 years",
        "links": {"code": ["https://git.example/a"]},
        "inputs": [{"id": other.slug}],
        "sql_example": "SELECT claim_id FROM claims",
    }
    changed = change(bank, get_draft(bank).headers["ETag"], **said)
    assert (changed.status_code, set(changed.json()["changed"])) == (200, set(said))
    address = f"data-products/{bank.product.slug}"
    send(bank.ines, f"{address}/draft/publish", **{"If-Match": changed.headers["ETag"]})
    found = read(bank.ana, address)
    assert (found["completeness_percent"], found["availability_percent"]) == (99.5, None)
    assert found["links"] == {
        "code": ["https://git.example/a"], "pipeline": [], "dashboard": [], "documentation": []
    }  # fmt: skip
    assert [one["id"] for one in found["inputs"]] == [other.slug]
    assert [one["id"] for one in read(bank.ana, f"data-products/{other.slug}")["outputs"]] == [
        bank.product.slug
    ]


@pytest.mark.parametrize(
    "said",
    [
        {"completeness_percent": 101},
        {"completeness_percent": 0},
        {"freshness_hours": -1},
        {"links": {"code": ["ftp://a.example"]}},
        {"links": {"elsewhere": ["https://a.example"]}},
        {"inputs": ["no-such-product"]},
        {"python_example": "1 +"},
    ],
)
def test_an_invalid_detail_is_refused(bank: Bank, said: dict[str, Any]) -> None:
    assert change(bank, get_draft(bank).headers["ETag"], **said).status_code in (400, 422)
    assert not ProductRevision.objects.exists()
