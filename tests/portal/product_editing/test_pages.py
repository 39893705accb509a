"""The editor of a data product: form, preview, publication and history."""

from typing import Any

from catalog.mirror.models import Database
from catalog.products.models import DataProduct, ProductTable
from catalog.revisions.models import ProductRevision
from identity.people.models import Membership
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values
from tests.products import get_state, save_draft

SUMMARY = "Claims of every line, each night."


def get_address(bank: Bank, page: str) -> str:
    return f"/my-products/{bank.product.slug}/{page}/"


def fill_in(bank: Bank, page: Any, **changes: str) -> dict[str, str]:
    """The form as the browser shows it, with changes."""
    return {**read_form_values(page.content.decode(), "product-form"), **changes}


def test_an_owner_mends_a_text_and_publishes_it(bank: Bank) -> None:
    client = make_client(bank.ines)
    opened = client.get(get_address(bank, "edit"))
    sent = fill_in(bank, opened, summary=SUMMARY, keywords="loss, cover", note="Say when it comes.")
    saved = client.post(get_address(bank, "edit"), sent)
    assert saved["Location"] == get_address(bank, "draft")
    preview = client.get(get_address(bank, "draft")).content.decode()
    assert SUMMARY in preview
    assert "Say when it comes." in preview
    done = client.post(get_address(bank, "draft/publish"), {"shown": get_state(bank)}, follow=True)
    assert "Everyone who may see the product sees the new version now." in done.content.decode()
    product = DataProduct.objects.get(pk=bank.product.pk)
    assert (product.summary, product.keywords) == (SUMMARY, ["loss", "cover"])
    history = client.get(get_address(bank, "revisions")).content.decode()
    assert all(text in history for text in (SUMMARY, "Say when it comes.", bank.ines.name, "Revision 1"))


def test_the_form_shows_the_draft_that_waits(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY, note="Why not.")
    values = fill_in(bank, make_client(bank.ines).get(get_address(bank, "edit")))
    assert (values["summary"], values["note"].strip()) == (SUMMARY, "Why not.")


def test_a_conflict_keeps_the_text_and_the_next_attempt_saves_it(bank: Bank) -> None:
    client = make_client(bank.ines)
    sent = fill_in(bank, client.get(get_address(bank, "edit")), summary=SUMMARY)
    save_draft(bank, bank.ines, summary="Another one.")
    refused = client.post(get_address(bank, "edit"), sent)
    assert (refused.status_code, "saved another draft" in refused.content.decode()) == (422, True)
    again = fill_in(bank, refused)
    assert again["summary"] == SUMMARY
    assert client.post(get_address(bank, "edit"), again).status_code == 302
    assert ProductRevision.objects.get().content["summary"] == SUMMARY


def test_a_script_saves_while_one_types_and_never_over_another_draft(bank: Bank) -> None:
    client, as_script = make_client(bank.ines), {"Accept": "application/json"}
    sent = fill_in(bank, client.get(get_address(bank, "edit")), summary=SUMMARY)
    saved = client.post(get_address(bank, "edit"), sent, headers=as_script)
    assert (saved.status_code, ProductRevision.objects.get().content["summary"]) == (200, SUMMARY)
    more = {**sent, "summary": "More.", "based_on": saved.json()["based_on"]}
    assert client.post(get_address(bank, "edit"), more, headers=as_script).status_code == 200
    refused = client.post(get_address(bank, "edit"), {**sent, "summary": "Mine."}, headers=as_script)
    assert (refused.status_code, "saved another draft" in refused.json()["problem"]) == (422, True)
    assert ProductRevision.objects.get().content["summary"] == "More."


def test_an_invalid_field_is_refused_in_place(bank: Bank) -> None:
    client = make_client(bank.ines)
    sent = fill_in(bank, client.get(get_address(bank, "edit")), name="", owner=str(bank.ana.pk))
    page = client.post(get_address(bank, "edit"), sent)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Give the product a name." in text
    assert "Choose a data owner of the domain&#x27;s team." in text


def test_a_preview_that_is_out_of_date_publishes_nothing(bank: Bank) -> None:
    client = make_client(bank.ines)
    save_draft(bank, bank.ines, summary=SUMMARY)
    shown = get_state(bank)
    save_draft(bank, bank.ines, summary="Another one.")
    done = client.post(get_address(bank, "draft/publish"), {"shown": shown}, follow=True)
    assert "changed in the meantime" in done.content.decode()
    assert ProductRevision.objects.get().state == "draft"


def test_a_developer_sees_who_publishes(bank: Bank) -> None:
    dev = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [dev])
    save_draft(bank, dev, summary=SUMMARY)
    client = make_client(dev)
    page = client.get(get_address(bank, "draft")).content.decode()
    assert "can publish it." in page
    assert get_address(bank, "draft/publish") not in page
    done = client.post(get_address(bank, "draft/publish"), {"shown": get_state(bank)}, follow=True)
    assert "can publish it." in done.content.decode()
    assert ProductRevision.objects.get().state == "draft"


def test_a_draft_is_discarded(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY)
    client = make_client(bank.ines)
    client.post(get_address(bank, "draft/discard"), {"shown": get_state(bank)})
    assert ProductRevision.objects.get().state == "discarded"
    assert client.get(get_address(bank, "draft"))["Location"] == get_address(bank, "edit")


def test_the_product_page_leads_its_people_to_the_editor(bank: Bank) -> None:
    address = f"/data-products/{bank.product.slug}/"
    edit = get_address(bank, "edit")
    assert edit in make_client(bank.ines).get(address).content.decode()
    assert edit not in make_client(bank.ana).get(address).content.decode()
    assert edit in make_client(bank.ines).get("/my-products/").content.decode()


def test_where_to_get_help_stands_on_the_product_page(bank: Bank) -> None:
    DataProduct.objects.update(support="data-help@bank.example <script>")
    page = make_client(bank.ana).get(f"/data-products/{bank.product.slug}/").content.decode()
    assert 'href="mailto:data-help@bank.example"' in page
    assert "&lt;script&gt;" in page


def test_a_product_is_created_filled_and_published(bank: Bank) -> None:
    Database.objects.filter(pk=bank.claims.database_id).update(domain=bank.domain)
    payouts = factories.make_table(bank.claims.database, "payouts")
    client = make_client(bank.ines)
    assert "/my-products/new/" in client.get("/my-products/").content.decode()
    sent = read_form_values(client.get("/my-products/new/").content.decode(), "product-form")
    made = client.post("/my-products/new/", {**sent, "name": "Payouts", "summary": "What was paid."})
    assert made["Location"] == "/my-products/payouts/edit/"
    page = client.get(made["Location"])
    assert "payouts" in page.content.decode()
    client.post(made["Location"], fill_in(bank, page, tables=str(payouts.pk)))
    preview = client.get("/my-products/payouts/draft/").content.decode()
    assert "Nobody outside your team sees this product yet." in preview
    assert "insurance_gold.payouts" in preview
    assert make_client(bank.ana).get("/data-products/payouts/").status_code == 404
    shown = read_form_values(preview, "publish-form")["shown"]
    client.post("/my-products/payouts/draft/publish/", {"shown": shown})
    assert "insurance_gold" in make_client(bank.ana).get("/data-products/payouts/").content.decode()


def test_who_has_no_domain_creates_nothing(bank: Bank) -> None:
    client = make_client(bank.ana)
    assert client.get("/my-products/new/").status_code == 404
    assert client.post("/my-products/new/", {"name": "x"}).status_code == 404


def test_a_new_product_is_refused_in_place(bank: Bank) -> None:
    client = make_client(bank.ines)
    sent = read_form_values(client.get("/my-products/new/").content.decode(), "product-form")
    page = client.post("/my-products/new/", {**sent, "name": bank.product.name, "summary": "Twice."})
    assert (page.status_code, "has a product of this name already" in page.content.decode()) == (422, True)
    empty = client.post("/my-products/new/", {**sent, "domain": "no-such"})
    assert (empty.status_code, "Give the product a name." in empty.content.decode()) == (422, True)


def test_the_preview_is_the_page_with_what_the_draft_says(bank: Bank) -> None:
    client = make_client(bank.ines)
    assert client.get(get_address(bank, "draft/preview"))["Location"] == get_address(bank, "edit")
    other = factories.make_product(bank.product.domain, bank.ines, [], "Weather")
    save_draft(bank, bank.ines, summary=SUMMARY, description="It is **bold**.", tables=(), inputs=(other.pk,))
    page = client.get(get_address(bank, "draft/preview")).content.decode()
    assert all(text in page for text in (SUMMARY, "<strong>bold</strong>", "No tables yet", "Weather"))
    assert SUMMARY not in client.get(f"/data-products/{bank.product.slug}/").content.decode()
    assert make_client(bank.ana).get(get_address(bank, "draft/preview")).status_code == 404


def test_what_the_owner_promises_and_explains_is_on_the_page(bank: Bank) -> None:
    client = make_client(bank.ines)
    sent = fill_in(
        bank,
        client.get(get_address(bank, "edit")),
        freshness_hours="48",
        completeness_percent="99.50",
        support_hours="weekdays",
        terms="Inside the <b>bank</b>.",
        sql_example="SELECT claim_id FROM claims",
        code_links="https://git.example/a\r\nhttps://git.example/b",
    )
    assert client.post(get_address(bank, "edit"), sent).status_code == 302
    client.post(get_address(bank, "draft/publish"), {"shown": get_state(bank)})
    page = make_client(bank.ana).get(f"/data-products/{bank.product.slug}/").content.decode()
    shown = (
        "at most 2 days old",
        "99.5%",
        "weekdays",
        "Inside the &lt;b&gt;bank&lt;/b&gt;.",
    )
    assert [text for text in shown if text not in page] == []
    usage = make_client(bank.ana).get(f"/data-products/{bank.product.slug}/usage/").content.decode()
    assert "SELECT claim_id FROM claims" in usage
    assert page.count("Code repository") == 2


def test_a_link_that_is_no_web_address_is_refused_in_place(bank: Bank) -> None:
    client = make_client(bank.ines)
    sent = fill_in(
        bank, client.get(get_address(bank, "edit")), dashboard_links="javascript:alert(1)", summary=SUMMARY
    )
    refused = client.post(get_address(bank, "edit"), sent)
    page = refused.content.decode()
    assert (refused.status_code, 'id="dashboard_links-error"' in page) == (422, True)
    assert (SUMMARY in page, "javascript:alert(1)" in page) == (True, True)


def test_a_first_draft_is_all_new_and_counted_with_its_tables(bank: Bank) -> None:
    """Also while it has no table."""
    client, products = make_client(bank.ines), DataProduct.objects.filter(pk=bank.product.pk)
    ProductTable.objects.filter(product=bank.product).delete()
    products.update(is_published=False)
    for tables in ((), (bank.claims.pk,)):
        save_draft(bank, bank.ines, tables=tables, note=f"{len(tables)} tables")
        page = client.get(get_address(bank, "draft")).content.decode()
        assert ("It becomes version 1.0.0." in page, "Nothing: the draft says" in page) == (True, False)
        (row,) = client.get("/my-products/").context["rows"]
        assert row.table_count == len(tables)
