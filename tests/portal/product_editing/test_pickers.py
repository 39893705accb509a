"""The editor finds tables and data products on the server, and shows what the draft lacks of the rules beside the form."""

import json
from typing import Any

from catalog.products.models import DataProduct
from catalog.publication_rules.rules import Rules
from catalog.revisions.models import ProductRevision
from tests import factories
from tests.bank import Bank
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values
from tests.products import get_state, save_draft
from tests.publication_rules import put_in_force

MANY = 30


def send(bank: Bank, **changes: Any) -> Any:
    client, address = make_client(bank.ines), f"/my-products/{bank.product.slug}/edit/"
    shown = read_form_values(client.get(address).content.decode(), "product-form")
    accept = changes.pop("accept", "text/html")
    return client.post(address, {**shown, **changes}, headers={"accept": accept})


def test_tables_are_found_by_words_and_never_all_listed(bank: Bank) -> None:
    silver = factories.make_database(bank.catalog, bank.domain, "insurance_silver")
    for number in range(MANY):
        factories.make_table(silver, f"claims_{number}")
    life = factories.make_table(silver, "life_expectancy")
    page = make_client(bank.ines).get(f"/my-products/{bank.product.slug}/edit/").content.decode()
    assert page.count('name="tables"') == 1
    page = send(bank, do="find-tables", pick="silver").content.decode()
    assert page.count('name="tables"') == 1 + 12
    assert "19 more tables match" in page
    found = send(bank, do="find-tables", pick="silver life")
    assert found.status_code == 200
    page = found.content.decode()
    assert page.count('name="tables"') == 2
    assert f'value="{life.pk}">' in page
    assert f'name="tables" value="{bank.claims.pk}" checked' in " ".join(page.split())
    assert not ProductRevision.objects.exists()
    assert (
        "No other table of the domain matches" in send(bank, do="find-tables", pick="zebra").content.decode()
    )


def test_data_products_are_found_by_words_and_stay_chosen(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [], name="Policy Journey")
    box = f'name="inputs" value="{other.pk}"'
    address = f"/my-products/{bank.product.slug}/edit/"
    assert 'name="inputs"' not in make_client(bank.ines).get(address).content.decode()
    assert f"{box}>" in send(bank, do="find-inputs", inputs_q="journey").content.decode()
    again = send(bank, do="find-inputs", inputs_q="nothing", inputs=[str(other.pk)]).content.decode()
    assert f"{box} checked>" in again
    assert send(bank, inputs=[str(other.pk)]).status_code == 302
    assert ProductRevision.objects.get().content["inputs"] == [other.pk]


def test_hidden_data_products_are_not_found(bank: Bank) -> None:
    hidden = factories.make_product(bank.domain, bank.ines, [], name="Secret Plans")
    DataProduct.objects.filter(pk=hidden.pk).update(is_published=False)
    assert "Secret Plans" not in send(bank, do="find-inputs", inputs_q="secret").content.decode()


def test_the_rules_stand_beside_the_form_and_follow_a_save(bank: Bank) -> None:
    put_in_force(bank.greta, Rules(description_words=3))
    DataProduct.objects.filter(pk=bank.product.pk).update(description="Claims.")
    page = make_client(bank.ines).get(f"/my-products/{bank.product.slug}/edit/").content.decode()
    assert "1 of 2 met" in page
    assert 'href="#section-description"' in page
    saved = send(bank, description="Every claim since 2019.", accept="application/json")
    assert "2 of 2 met" in json.loads(saved.content)["rules"]


def test_publish_is_disabled_while_rules_are_unmet_and_says_which(bank: Bank) -> None:
    put_in_force(bank.greta, Rules(description_words=300, required_fields=("terms", "support")))
    save_draft(bank, bank.ines, description="Every claim.")
    client, address = make_client(bank.ines), f"/my-products/{bank.product.slug}/draft/"
    button = client.get(address).content.decode().partition('id="publish-form"')[2].partition("</form>")[0]
    assert "btn plain" in button
    assert 'disabled aria-describedby="unmet"' in button
    assert "data-primary-action" not in button
    page = client.post(f"{address}publish/", {"shown": get_state(bank)}, follow=True).content.decode()
    assert "3 publication rules are not met" in page
    assert not ProductRevision.objects.filter(state="published").exists()


def test_columns_and_offers_stand_in_the_editor(bank: Bank) -> None:
    page = make_client(bank.ines).get(f"/my-products/{bank.product.slug}/edit/").content.decode()
    assert f'href="/tables/{bank.claims.pk}/columns/iban/"' in page
    assert f'href="/offers/new/?data_product={bank.product.slug}"' in page
