"""The glossary's pages: list, term, editor, links and history."""

from typing import Any

import pytest

from catalog.glossary.content import compute_term_digest
from catalog.glossary.models import Term, TermLink, TermProposal
from catalog.products.models import DataProduct
from tests import factories
from tests.bank import Bank
from tests.catalog.sample_catalog import reindex
from tests.glossary import add_term, change_term, make_steward, propose_new, replace_by
from tests.portal.conftest import make_client
from tests.portal.form_values import read_form_values


def fill_in(page: Any, **changes: str) -> dict[str, str]:
    """The form as the browser shows it, with changes."""
    return {**read_form_values(page.content.decode(), "term-form"), **changes}


def test_a_data_owner_writes_a_term_and_edits_it(bank: Bank) -> None:
    client = make_client(bank.ines)
    opened = client.get("/glossary/new/")
    sent = fill_in(
        opened, name="Loss", definition="Damage.", synonyms="harm, hit", domain=str(bank.domain.pk)
    )
    assert client.post("/glossary/new/", sent)["Location"] == "/glossary/loss/"
    term = Term.objects.get()
    assert (term.state, term.synonyms, term.owner_team) == ("approved", ["harm", "hit"], bank.insurance)
    page = client.get("/glossary/loss/edit/")
    done = client.post(
        "/glossary/loss/edit/", fill_in(page, definition="Harm.", note="Shorter."), follow=True
    )
    assert "Harm." in done.content.decode()
    history = client.get("/glossary/loss/history/").content.decode()
    assert all(text in history for text in ("Damage.", "Harm.", "Shorter.", bank.ines.name, "Revision 2"))


def test_a_conflict_keeps_the_text_and_the_next_attempt_saves_it(bank: Bank) -> None:
    term, client = add_term(bank.ines, "Loss", bank.domain), make_client(bank.ines)
    sent = fill_in(client.get("/glossary/loss/edit/"), definition="By Ines.")
    change_term(make_steward(), term, definition="By the steward.")
    refused = client.post("/glossary/loss/edit/", sent)
    body = refused.content.decode()
    assert (refused.status_code, "Ruth Steiner changed the term" in body) == (422, True)
    assert "By the steward." in body
    again = fill_in(refused)
    assert again["definition"].strip() == "By Ines."
    assert client.post("/glossary/loss/edit/", again).status_code == 302
    assert Term.objects.get().definition == "By Ines."


def test_a_conflict_lists_only_what_differs(bank: Bank) -> None:
    term, client = add_term(bank.ines, "Loss", bank.domain, synonyms=("harm", "hit")), make_client(bank.ines)
    sent = fill_in(client.get("/glossary/loss/edit/"), definition="By Ines.")
    change_term(make_steward(), term, definition="By the steward.")
    differences = client.post("/glossary/loss/edit/", sent).content.decode().split('id="term-form"')[0]
    assert ("By the steward." in differences, "harm" in differences) == (True, False)


def test_the_list_shows_both_domains_and_is_filtered(bank: Bank) -> None:
    steward = make_steward()
    cards = factories.make_domain(factories.make_team("Cards"), "Credit Cards")
    for domain, text in ((bank.domain, "For cover."), (cards, "Of an option."), (None, "Any.")):
        add_term(steward, "Premium", domain, bank.bi, definition=text)
    add_term(steward, "Draft word", cards, is_approved=False)
    client = make_client(bank.ana)
    everything = client.get("/glossary/").content.decode()
    assert all(
        text in everything for text in ("For cover.", "Of an option.", "Any.", "Credit Cards", "Draft word")
    )
    for query, shown, hidden in (
        (f"domain={cards.slug}", "Of an option.", "For cover."),
        ("domain=none", "Any.", "For cover."),
        ("state=draft", "Draft word", "For cover."),
        ("q=OPTION", "Of an option.", "For cover."),
        ("q=nothing+like+it", "No matching terms", "For cover."),
        ("domain=nothing&page=x", "No matching terms", "Any."),
    ):
        page = client.get(f"/glossary/?{query}").content.decode()
        assert (shown in page, hidden in page) == (True, False), query
    assert "Other domains define it differently" in client.get("/glossary/premium/").content.decode()


def test_who_may_edit_is_offered_it_and_others_propose(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    ana, ines = (make_client(one).get("/glossary/loss/").content.decode() for one in (bank.ana, bank.ines))
    assert ("/glossary/loss/edit/" in ines, "/glossary/loss/edit/" in ana) == (True, False)
    assert ("/glossary/loss/propose/" in ines, "/glossary/loss/propose/" in ana) == (False, True)
    assert ("/glossary/new/" in make_client(bank.ana).get("/glossary/").content.decode()) is False
    for address in (
        "/glossary/new/",
        "/glossary/loss/edit/",
        "/glossary/loss/links/",
        "/glossary/loss/replace/",
    ):
        assert make_client(bank.ana).get(address).status_code == 404
    for address in ("approve", "restore", "links/1/remove"):
        assert make_client(bank.ana).post(f"/glossary/loss/{address}/", {"shown": "x"}).status_code == 404


def test_a_draft_is_approved_from_its_page(bank: Bank) -> None:
    term, client = add_term(bank.ines, "Loss", bank.domain, is_approved=False), make_client(bank.ines)
    assert "This term is a draft" in client.get("/glossary/loss/").content.decode()
    stale = client.post("/glossary/loss/approve/", {"shown": "old"}, follow=True)
    assert "The term changed in the meantime" in stale.content.decode()
    client.post("/glossary/loss/approve/", {"shown": compute_term_digest(term)})
    assert Term.objects.get().state == "approved"
    again = client.post(
        "/glossary/loss/approve/", {"shown": compute_term_digest(Term.objects.get())}, follow=True
    )
    assert "The term changed in the meantime" in again.content.decode()


def test_a_term_is_replaced_and_leads_readers_on(bank: Bank) -> None:
    for name in ("Loss", "Damage"):
        add_term(bank.ines, name, bank.domain)
    client = make_client(bank.ines)
    shown = read_form_values(client.get("/glossary/loss/replace/").content.decode(), "replace-form")
    refused = client.post("/glossary/loss/replace/", {**shown, "successor": "loss", "note": "Kept."})
    assert (refused.status_code, "Kept." in refused.content.decode()) == (422, True)
    client.post("/glossary/loss/replace/", {**shown, "successor": "damage"})
    page = make_client(bank.ana).get("/glossary/loss/").content.decode()
    assert "This term is replaced" in page
    assert 'href="/glossary/damage/"' in page
    client.post("/glossary/loss/restore/", {"shown": compute_term_digest(Term.objects.get(slug="loss"))})
    assert Term.objects.get(slug="loss").state == "approved"


def test_data_is_found_and_linked_without_a_script(bank: Bank) -> None:
    reindex()
    add_term(bank.ines, "Loss", bank.domain)
    client = make_client(bank.ines)
    page = client.get("/glossary/loss/links/?q=claims").content.decode()
    assert f'value="product:{bank.product.slug}"' in page
    assert "<option>iban</option>" not in page  # a table in a product is found by its product
    sent = client.post("/glossary/loss/links/?q=claims", {"target": f"product:{bank.product.slug}"})
    assert sent["Location"] == "/glossary/loss/links/?q=claims"
    client.post("/glossary/loss/links/", {"target": f"table:{bank.claims.pk}", "column": "iban"})
    shown = make_client(bank.ana).get("/glossary/loss/").content.decode()
    assert all(text in shown for text in (bank.product.name, f"{bank.claims}.iban"))
    for address in (f"/data-products/{bank.product.slug}/", f"/tables/{bank.claims.pk}/"):
        assert 'href="/glossary/loss/"' in make_client(bank.ana).get(address).content.decode()
    for target in ("", "table:x", "table:1\x00", "product:", "table:987654321", "other:1"):
        assert client.post("/glossary/loss/links/", {"target": target}).status_code == 422, target
    link = TermLink.objects.get(column="iban")
    client.post(f"/glossary/loss/links/{link.pk}/remove/")
    assert [one.product for one in TermLink.objects.all()] == [bank.product]


def test_data_that_a_reader_may_not_see_is_on_no_page(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    client = make_client(bank.ines)
    client.post("/glossary/loss/links/", {"target": f"product:{bank.product.slug}"})
    DataProduct.objects.update(is_published=False)
    assert bank.product.name in client.get("/glossary/loss/").content.decode()
    steward = make_client(make_steward())
    for address in ("/glossary/loss/", "/glossary/loss/links/?q=claims"):
        assert bank.product.name not in steward.get(address).content.decode()


def test_the_palette_shows_a_term_with_its_domain(bank: Bank) -> None:
    old = add_term(bank.ines, "Loss event", bank.domain, synonyms=("harm",))
    page = make_client(bank.ana).get("/go/?q=harm").content.decode()
    assert ("/glossary/loss-event/" in page, bank.domain.name in page) == (True, True)
    replace_by(bank.ines, old, add_term(bank.ines, "Damage", bank.domain))
    assert "/glossary/loss-event/" not in make_client(bank.ana).get("/go/?q=harm").content.decode()


def test_anybody_proposes_and_the_data_owner_decides(bank: Bank) -> None:
    ana, ines = make_client(bank.ana), make_client(bank.ines)
    sent = fill_in(
        ana.get("/glossary/propose/"), name="Loss", definition="Damage.", domain=str(bank.domain.pk)
    )
    missing = ana.post("/glossary/propose/", sent)
    assert (missing.status_code, "Give a reason" in missing.content.decode()) == (422, True)
    made = ana.post("/glossary/propose/", {**sent, "note": "It is missing."})
    proposal = TermProposal.objects.get()
    address = f"/glossary/proposals/{proposal.pk}/"
    assert made["Location"] == address
    assert "1 proposal waits for your decision" in ines.get("/glossary/").content.decode()
    assert "Your proposals" in ana.get("/glossary/").content.decode()
    assert all("Loss" in client.get("/glossary/proposals/").content.decode() for client in (ana, ines))
    assert make_client(bank.sam).get(address).status_code == 404
    form = read_form_values(ines.get(address).content.decode(), "decision-form")
    silent = ines.post(address, {**form, "do": "reject"})
    assert (silent.status_code, "Give a reason" in silent.content.decode()) == (422, True)
    assert ines.post(address, form).status_code == 422  # neither
    assert ana.post(address, {**form, "do": "approve"}).status_code == 404
    assert ines.post(address, {**form, "do": "approve"})["Location"] == address
    assert Term.objects.get().name == "Loss"
    assert bank.ines.name in ana.get(address).content.decode()
    late = ines.post(address, {**form, "do": "reject", "comment": "Too late."})
    assert (late.status_code, "decided already" in late.content.decode()) == (422, True)


def test_a_decision_on_what_changed_meanwhile_keeps_the_comment(bank: Bank) -> None:
    term, ana, ines = add_term(bank.ines, "Loss", bank.domain), make_client(bank.ana), make_client(bank.ines)
    sent = fill_in(ana.get("/glossary/loss/propose/"), definition="Damage.", note="Shorter.")
    address = ana.post("/glossary/loss/propose/", sent)["Location"]
    form = read_form_values(ines.get(address).content.decode(), "decision-form")
    change_term(bank.ines, term, definition="Harm.")
    refused = ines.post(address, {**form, "do": "approve", "comment": "As agreed."})
    assert (refused.status_code, "As agreed." in refused.content.decode()) == (422, True)
    assert Term.objects.get().definition == "Harm."
    again = read_form_values(refused.content.decode(), "decision-form")
    ines.post(address, {**again, "do": "approve"})
    assert Term.objects.get().definition == "Damage."


@pytest.mark.parametrize("person", ["ana", "ines"])
def test_only_who_proposed_it_withdraws_it(bank: Bank, person: str) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    answer = make_client(getattr(bank, person)).post(f"/glossary/proposals/{proposal.pk}/withdraw/")
    proposal.refresh_from_db()
    assert (answer.status_code, proposal.state) == (
        (302, "withdrawn") if person == "ana" else (404, "waiting")
    )
