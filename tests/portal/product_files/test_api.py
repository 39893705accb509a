"""Files of data products by the API."""

from typing import Any

import pytest
import yaml

from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from identity.people.models import Person
from tests.bank import Bank, make_owner_developer
from tests.portal.api.calls import place_of, send
from tests.portal.conftest import make_client
from tests.product_files import dump, export_changed, export_data

SUMMARY = "Claims of every line, each night."


def get_file(person: Person, slug: str, query: str = "") -> Any:
    return make_client(person).get(f"/api/v1/data-products/{slug}/file{query}")


def test_a_product_is_read_as_a_file(bank: Bank) -> None:
    answer = get_file(bank.ana, bank.product.slug)
    assert (answer.status_code, answer.headers["Content-Type"]) == (
        200,
        "application/odcs+yaml;version=3.1.0",
    )
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{bank.product.slug}.odcs.yaml"'
    assert yaml.safe_load(answer.content)["id"] == bank.product.slug
    for kind, version in (("odcs-3.2", "v3.2.0"), ("odps", "v1.1.0")):
        data = yaml.safe_load(get_file(bank.ana, bank.product.slug, f"?format={kind}").content)
        assert data["apiVersion"] == version
    assert get_file(bank.ana, bank.product.slug, "?format=dprod").json()["@type"] == "dprod:DataProduct"
    wrong = get_file(bank.ana, bank.product.slug, "?format=xml")
    assert (wrong.status_code, place_of(wrong)) == (400, "format")


def test_who_may_not_see_it_finds_nothing(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(seen_by="domain", requested_by="domain")
    bank.sam.is_external = True
    bank.sam.save()
    for person in (bank.ana, bank.sam):
        assert get_file(person, bank.product.slug).status_code == 404
    assert get_file(bank.ines, "no-such").status_code == 404
    assert make_client(bank.ines).get("/api/v1/data-products/no-such/file").status_code == 404


def test_a_file_is_planned_and_applied(bank: Bank) -> None:
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    planned = send(bank.ines, "data-product-files/plan", {"file": text})
    said = planned.json()
    assert (planned.status_code, said["has_changes"], said["publishes"], said["version"]) == (
        200,
        True,
        True,
        "1.0.1",
    )
    assert said["changes"] == [
        {"label": "Summary", "lines": [{"sign": "-", "text": "Every claim."}, {"sign": "+", "text": SUMMARY}]}
    ]
    assert (said["data_product"]["id"], said["drift"], said["not_kept"], said["problem"]) == (
        bank.product.slug,
        [],
        [],
        None,
    )
    assert not ProductRevision.objects.exists()
    body = {"file": text, "plan": said["plan"], "note": "Say when."}
    done = send(bank.ines, "data-product-files/apply", body)
    assert (done.status_code, done.json()["revision"]) == (200, "published")
    assert done.json()["data_product"]["summary"] == SUMMARY
    assert ProductRevision.objects.get().note == "Say when."
    again = send(bank.ines, "data-product-files/apply", body)
    assert (again.status_code, again.json()["code"]) == (409, "terms_changed")
    assert place_of(again) == "#/plan"


def test_drift_and_what_is_not_kept_have_their_places(bank: Bank) -> None:
    data = {**export_data(bank.ines, bank.product.slug), "tenant": "Bank"}
    data["schema"][0]["properties"][0]["physicalType"] = "int"
    said = send(bank.ines, "data-product-files/plan", {"file": dump(data)}).json()
    (drift,) = said["drift"]
    assert drift["path"] == "schema[0].properties[0]"
    assert "the file says “int”, the portal “string”" in drift["text"]
    (kept,) = said["not_kept"]
    assert (kept["path"], dump(data).splitlines()[kept["line"] - 1]) == ("tenant", "tenant: Bank")


def test_what_a_person_may_not_do_is_refused_and_nothing_done(bank: Bank) -> None:
    text = export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    plan = send(bank.ines, "data-product-files/plan", {"file": text}).json()["plan"]
    for person in (bank.ana, bank.sam, bank.greta):
        assert send(person, "data-product-files/plan", {"file": text}).status_code == 404
        assert send(person, "data-product-files/apply", {"file": text, "plan": plan}).status_code == 404
    dev = make_owner_developer(bank)
    planned = send(dev, "data-product-files/plan", {"file": text}).json()
    assert "can publish it" in planned["problem"]
    refused = send(dev, "data-product-files/apply", {"file": text, "plan": planned["plan"]})
    assert (refused.status_code, refused.json()["detail"]) == (403, planned["problem"])
    assert not ProductRevision.objects.exists()


def test_a_bad_file_is_refused_at_its_member(bank: Bank) -> None:
    for text in ("a: [", "kind: x", dump({**export_data(bank.ines, bank.product.slug), "name": ""})):
        for verb in ("plan", "apply"):
            answer = send(
                bank.ines,
                f"data-product-files/{verb}",
                {"file": text, **({"plan": "x"} if verb == "apply" else {})},
            )
            if answer.status_code != 200:
                assert answer.status_code in {409, 422}
    answer = send(bank.ines, "data-product-files/plan", {"file": "a: ["})
    assert (answer.status_code, place_of(answer)) == (422, "#/file")


def test_nobody_is_told_anything_without_signing_in(bank: Bank) -> None:
    client = make_client(bank.ines)
    client.logout()
    assert client.get(f"/api/v1/data-products/{bank.product.slug}/file").status_code == 401
    for verb in ("plan", "apply"):
        answer = client.post(
            f"/api/v1/data-product-files/{verb}", {"file": "x"}, content_type="application/json"
        )
        assert answer.status_code in {401, 403}


@pytest.mark.parametrize("format_", ["odcs", "odps"])
def test_what_was_downloaded_changes_nothing(bank: Bank, format_: str) -> None:
    text = get_file(bank.ines, bank.product.slug, f"?format={format_}").content.decode()
    said = send(bank.ines, "data-product-files/plan", {"file": text}).json()
    assert (said["has_changes"], said["drift"], said["not_kept"]) == (False, [], [])
    same = send(bank.ines, "data-product-files/apply", {"file": text, "plan": said["plan"]})
    assert (same.status_code, place_of(same)) == (422, "#/file")
