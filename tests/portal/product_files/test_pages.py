"""Download a product as a file, and import one as a draft."""

import yaml

from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from tests.bank import Bank, make_owner_developer
from tests.portal.conftest import make_client
from tests.portal.form_parser import parse_forms
from tests.product_files import dump, export_changed, export_data
from tests.products import save_draft

ADDRESS = "/my-products/import/"
SUMMARY = "Claims of every line, each night."


def test_links_lead_to_the_files(bank: Bank) -> None:
    client, slug = make_client(bank.ines), bank.product.slug
    assert f"/data-products/{slug}/file/" in client.get(f"/data-products/{slug}/").content.decode()
    assert ADDRESS in client.get("/my-products/").content.decode()
    answer = client.get(f"/data-products/{slug}/file/?format=odps")
    assert yaml.safe_load(answer.content)["kind"] == "DataProduct"
    assert client.get(f"/data-products/{slug}/file/?format=no").status_code == 400


def test_a_draft_is_downloaded_as_it_is_written(bank: Bank) -> None:
    save_draft(bank, bank.ines, terms="Be kind.")
    client, slug = make_client(bank.ines), bank.product.slug
    assert f"/my-products/{slug}/draft/file/" in client.get(f"/my-products/{slug}/draft/").content.decode()
    answer = client.get(f"/my-products/{slug}/draft/file/")
    assert yaml.safe_load(answer.content)["description"]["limitations"] == "Be kind."
    assert make_client(bank.ana).get(f"/my-products/{slug}/draft/file/").status_code == 404


def test_who_may_not_see_it_downloads_nothing(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(seen_by="domain", requested_by="domain")
    assert make_client(bank.ana).get(f"/data-products/{bank.product.slug}/file/").status_code == 404
    assert make_client(bank.ana).get(ADDRESS).status_code == 404


def test_the_plan_is_shown_before_a_draft_is_saved(bank: Bank) -> None:
    client, text = (
        make_client(make_owner_developer(bank)),
        export_changed(bank.ines, bank.product.slug, summary=SUMMARY),
    )
    page = client.post(ADDRESS, {"file": text, "do": "plan"})
    body = page.content.decode()
    assert (page.status_code, SUMMARY in body, "Save as draft" in body) == (200, True, True)
    assert not ProductRevision.objects.exists()
    (form,) = [one for one in parse_forms(body, ADDRESS) if "file" in one.fields]
    sent = {name: field.values[0] for name, field in form.fields.items() if name != "do"}
    assert sent["file"].strip() == text.strip()
    done = client.post(ADDRESS, {**sent, "note": "Say when.", "do": "apply"})
    assert done["Location"] == f"/my-products/{bank.product.slug}/draft/"
    draft = ProductRevision.objects.get()
    assert (draft.state, draft.content["summary"], draft.note) == ("draft", SUMMARY, "Say when.")
    assert DataProduct.objects.get(pk=bank.product.pk).summary == "Every claim."


def test_a_plan_that_is_no_longer_true_is_shown_anew(bank: Bank) -> None:
    client, text = make_client(bank.ines), export_changed(bank.ines, bank.product.slug, summary=SUMMARY)
    answer = client.post(ADDRESS, {"file": text, "shown": "0" * 64, "do": "apply"})
    assert answer.status_code == 422
    assert "no longer as the plan shows it" in answer.content.decode()
    assert SUMMARY in answer.content.decode()
    assert not ProductRevision.objects.exists()


def test_mistakes_are_shown_at_the_file_and_nothing_is_lost(bank: Bank) -> None:
    client = make_client(bank.ines)
    for text, message in [
        ("", "Paste the text"),
        ("name: [", "not valid YAML"),
        (
            dump({**export_data(bank.ines, bank.product.slug), "id": "other", "domain": "no"}),
            "edit a product with this id",
        ),
    ]:
        answer = client.post(ADDRESS, {"file": text, "note": "Mine.", "do": "plan"})
        body = answer.content.decode()
        assert (answer.status_code, message in body, 'value="Mine."' in body) == (422, True, True)
    refused = client.post(
        ADDRESS, {"file": dump({**export_data(bank.ines, bank.product.slug), "name": " "}), "do": "plan"}
    ).content.decode()
    assert "Give the product a name" in refused
    assert "Save as draft" not in refused


def test_drift_and_what_is_not_kept_are_listed(bank: Bank) -> None:
    data = {**export_data(bank.ines, bank.product.slug), "tenant": "Bank", "schema": [{"name": "nothing"}]}
    body = make_client(bank.ines).post(ADDRESS, {"file": dump(data), "do": "plan"}).content.decode()
    assert "not in the catalog of the domain" in body
    assert "tenant" in body
