"""The pages of the publication rules, and the checklist on a draft."""

from typing import Any

from django.urls import reverse

from catalog.publication_rules.models import PublicationRules, RuleException
from catalog.publication_rules.queries import get_rules_in_force
from catalog.publication_rules.rules import Rules
from tests.bank import Bank
from tests.html import squeeze
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values
from tests.products import get_state, save_draft

OVERVIEW, EDIT = "publication-rules", "publication-rules-edit"


def save_rules(bank: Bank, **fields: Any) -> Any:
    client = make_client(bank.greta)
    values = read_form_values(client.get(reverse(EDIT)).content.decode(), "rules-form")
    return client.post(reverse(EDIT), {**values, "note": "To start.", **fields})


def put_in_force(bank: Bank, **fields: Any) -> None:
    save_rules(bank, **fields)
    client = make_client(bank.greta)
    values = read_form_values(client.get(reverse(OVERVIEW)).content.decode(), "put-in-force-form")
    client.post(reverse("publication-rules-put-in-force"), values)


def test_the_effect_is_seen_before_the_rules_are_in_force(bank: Bank) -> None:
    assert save_rules(bank, description_words="5", tiers=["gold"])["Location"] == reverse(OVERVIEW)
    page = make_client(bank.greta).get(reverse(OVERVIEW)).content.decode()
    assert "The description has at least 5 words" in page
    assert "1 of 1 published products does not meet every rule" in page
    assert get_rules_in_force() == Rules()
    put_in_force(bank)
    assert get_rules_in_force() == Rules(description_words=5, tiers=("gold",))


def test_the_checklist_of_a_draft_leads_to_the_fields(bank: Bank) -> None:
    put_in_force(bank, description_words="5", required_fields=["terms", "support"])
    save_draft(bank, bank.ines, terms="Inside the bank.", description="Short")
    client = make_client(bank.ines)
    page = squeeze(client.get(reverse("data-product-draft", args=[bank.product.slug])).content.decode())
    assert "2 of 4 met" in page
    publish = page.split(">Publish</button>")[0].rsplit("<button", 1)[1]
    assert ("disabled" in publish, "primary" in publish) == (True, False)
    assert "2 publication rules are not met yet." in page
    edit = reverse("data-product-edit", args=[bank.product.slug])
    assert (f'{edit}#id_description"' in page, f'{edit}#id_terms"' in page) == (True, False)
    said = {"shown": get_state(bank)}
    refused = client.post(reverse("data-product-draft-publish", args=[bank.product.slug]), said, follow=True)
    text = refused.content.decode()
    assert "2 publication rules are not met." in text
    assert "The description has at least 5 words: " in text


def test_a_governance_admin_allows_and_ends_an_exception(bank: Bank) -> None:
    put_in_force(bank, tiers=["bronze"])
    client, address = make_client(bank.greta), reverse("publication-rules-product", args=[bank.product.slug])
    assert client.post(address, {"key": "tier", "reason": " "}).status_code == 422
    page = client.post(address, {"key": "tier", "reason": "It moves soon."}, follow=True).content.decode()
    assert "It moves soon." in page
    assert RuleException.objects.get().allowed_by == bank.greta
    end = reverse("publication-rules-exception-end", args=[bank.product.slug, "tier"])
    assert "The exception has ended." in client.post(end, follow=True).content.decode()
    assert RuleException.objects.get().ended_by == bank.greta
    assert client.post(end).status_code == 404


def test_an_error_stands_at_its_field_and_a_conflict_keeps_what_was_typed(bank: Bank) -> None:
    refused = save_rules(bank, description_words="many")
    assert (refused.status_code, refused.context["form"].errors.keys()) == (422, {"description_words"})
    client = make_client(bank.greta)
    values = read_form_values(client.get(reverse(EDIT)).content.decode(), "rules-form")
    save_rules(bank, own_tables="on")
    late = client.post(reverse(EDIT), {**values, "note": "Mine.", "classified_columns": "on"})
    assert (late.status_code, "Mine." in late.content.decode()) == (422, True)
    again = read_form_values(late.content.decode(), "rules-form")
    assert client.post(reverse(EDIT), again).status_code == 302
    assert PublicationRules.objects.get().rules["classified_columns"] is True


def test_nobody_else_finds_the_pages(bank: Bank) -> None:
    for name in (OVERVIEW, EDIT):
        assert make_client(bank.ines).get(reverse(name)).status_code == 404
    assert "Publication rules" not in make_client(bank.ines).get("/").content.decode()
