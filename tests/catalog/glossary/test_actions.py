"""Terms are edited by stewards and by the data owners of their domain; each change is in the history."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from catalog.glossary.actions import approve_term, restore_term
from catalog.glossary.content import compute_term_digest
from catalog.glossary.models import Term
from catalog.glossary.queries import build_term_page
from catalog.products.models import Domain
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank
from tests.glossary import add_term, change_term, make_steward, replace_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def steward() -> Person:
    return make_steward()


@pytest.fixture
def cards(bank: Bank) -> Domain:
    return factories.make_domain(factories.make_team("Cards"), "Credit Cards")


def test_two_domains_define_the_same_word(bank: Bank, steward: Person, cards: Domain) -> None:
    ours = add_term(bank.ines, "Premium", bank.domain)
    theirs = add_term(steward, "premium", cards)
    everywhere = add_term(steward, "PREMIUM", None, bank.bi)
    assert [one.slug for one in (ours, theirs)] == ["premium", f"premium-{cards.slug}"]
    assert [one.pk for one in build_term_page(bank.ana, "premium").namesakes] == [everywhere.pk, theirs.pk]
    for domain in (bank.domain, cards, None):
        with pytest.raises(RefusedError) as refused:
            add_term(steward, "premiuM", domain, bank.bi)
        assert refused.value.field == "name"


def test_the_database_refuses_a_word_twice_in_a_domain(bank: Bank, steward: Person) -> None:
    for domain in (bank.domain, None):
        add_term(steward, "Premium", domain, bank.bi)
        with pytest.raises(IntegrityError), transaction.atomic():
            Term.objects.create(
                slug="other", name="PREMIUM", definition="…", owner_team=bank.bi, domain=domain
            )


def test_who_edits_which_terms(bank: Bank, steward: Person, cards: Domain) -> None:
    for person, domain in ((bank.ana, bank.domain), (bank.ines, cards), (bank.ines, None), (bank.ana, None)):
        with pytest.raises(ForbiddenError):
            add_term(person, "Word", domain, bank.bi)
    term = add_term(bank.greta, "Word", None, bank.bi)
    assert change_term(steward, term, definition="Another.").definition == "Another."
    own = add_term(bank.ines, "Loss", bank.domain)
    with pytest.raises(ForbiddenError):
        change_term(bank.ana, own, definition="Mine.")
    with pytest.raises(ForbiddenError):  # out of one's own domain
        change_term(bank.ines, own, domain=cards.pk)
    assert change_term(steward, own, domain=cards.pk).domain_id == cards.pk
    with pytest.raises(ForbiddenError):
        change_term(bank.ines, own, domain=bank.domain.pk)
    Person.objects.filter(pk=steward.pk).update(is_active=False)
    with pytest.raises(ForbiddenError):
        change_term(Person.objects.get(pk=steward.pk), own, definition="Later.")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": "  "}),
        ("name", {"name": "x" * 81}),
        ("name", {"name": "a\x00b"}),
        ("definition", {"definition": " \n"}),
        ("definition", {"definition": "\ud800"}),
        ("definition", {"definition": "x" * 4001}),
        ("synonyms", {"synonyms": ("x" * 81,)}),
        ("synonyms", {"synonyms": tuple(f"word {number}" for number in range(21))}),
        ("owner_team", {"owner_team": 987_654_321}),
        ("domain", {"domain": 987_654_321}),
    ],
)
def test_an_invalid_field_is_named(bank: Bank, steward: Person, field: str, changes: dict[str, Any]) -> None:
    term = add_term(steward, "Word", bank.domain)
    with pytest.raises(RefusedError) as refused:
        change_term(steward, term, **changes)
    assert refused.value.field == field
    assert term.revisions.count() == 1


def test_synonyms_are_kept_once_without_the_name(bank: Bank) -> None:
    term = add_term(
        bank.ines, " Loss   event ", bank.domain, synonyms=("Damage", " damage", "", "LOSS EVENT", "hit")
    )
    assert (term.name, term.synonyms) == ("Loss event", ["Damage", "hit"])


def test_two_editors_at_once_lose_nothing(bank: Bank, steward: Person) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    seen = compute_term_digest(term)
    change_term(steward, term, definition="By the steward.")
    with pytest.raises(RefusedError, match="Ruth Steiner changed the term") as refused:
        change_term(bank.ines, term, based_on=seen, definition="By Ines.")
    assert refused.value.field == "based_on"
    assert Term.objects.get(pk=term.pk).definition == "By the steward."


def test_the_history_says_who_when_why_and_what(bank: Bank, steward: Person) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    change_term(steward, term, note="Shorter.", definition="Damage.")
    change_term(steward, term, note="Nothing.")
    newest, first = term.revisions.order_by("-number")
    assert (first.before, first.made_by, first.after["state"]) == ({}, bank.ines, "approved")
    assert (newest.number, newest.made_by, newest.note) == (2, steward, "Shorter.")
    assert (newest.before["definition"], newest.after["definition"]) == ("What it means.", "Damage.")
    assert (newest.event.verb, newest.event.subject) == ("update_term", f"term:{term.pk}")
    assert newest.event.actor == f"person:{steward.pk}"


def test_a_draft_is_approved_once(bank: Bank) -> None:
    term = add_term(bank.ines, "Loss", bank.domain, is_approved=False)
    shown = {"shown": compute_term_digest(term), "now": clock.now()}
    with pytest.raises(ForbiddenError):
        approve_term(acting_user=bank.ana, slug=term.slug, **shown)  # type: ignore[arg-type]
    approved = approve_term(acting_user=bank.ines, slug=term.slug, **shown)  # type: ignore[arg-type]
    assert approved.state == "approved"
    with pytest.raises(RefusedError):
        approve_term(acting_user=bank.ines, slug=term.slug, **shown)  # type: ignore[arg-type]
    with pytest.raises(IllegalTransitionError):
        approve_term(
            acting_user=bank.ines, slug=term.slug, shown=compute_term_digest(approved), now=clock.now()
        )


def test_a_replaced_term_leads_to_the_end_of_its_chain_and_can_be_restored(bank: Bank) -> None:
    old, newer, newest = (add_term(bank.ines, name, bank.domain) for name in ("Old", "Newer", "Newest"))
    replace_by(bank.ines, old, newer)
    replace_by(bank.ines, newer, newest)
    assert build_term_page(bank.ana, "old").successor == newest
    for term, successor in ((newest, old), (newest, newest)):  # a cycle
        with pytest.raises(RefusedError) as refused:
            replace_by(bank.ines, term, successor)
        assert refused.value.field == "successor"
    shown = compute_term_digest(Term.objects.get(pk=old.pk))
    restored = restore_term(acting_user=bank.ines, slug="old", shown=shown, now=clock.now())
    assert (restored.state, restored.replaced_by) == ("approved", None)
    assert build_term_page(bank.ana, "old").successor is None
    with pytest.raises(RefusedError):
        restore_term(acting_user=bank.ines, slug="newest", shown=compute_term_digest(newest), now=clock.now())


def test_a_draft_replaces_nothing(bank: Bank) -> None:
    draft = add_term(bank.ines, "Draft", bank.domain, is_approved=False)
    with pytest.raises(RefusedError):
        replace_by(bank.ines, add_term(bank.ines, "Old", bank.domain), draft)


def test_the_database_refuses_a_cycle(bank: Bank) -> None:
    first, second = (add_term(bank.ines, name, bank.domain) for name in ("First", "Second"))
    replace_by(bank.ines, first, second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=second.pk).update(state="replaced", replaced_by=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        Term.objects.filter(pk=second.pk).update(state="replaced", replaced_by=None)


@pytest.mark.parametrize("name", ["New", "Propose", "Proposals"])
def test_no_term_takes_an_address_of_the_glossary(bank: Bank, name: str) -> None:
    slug = add_term(bank.ines, name, bank.domain).slug
    assert slug not in {"new", "propose", "proposals"}


def test_what_is_not_there_is_not_found(bank: Bank) -> None:
    before = Event.objects.count()
    with pytest.raises(NotFoundError):
        approve_term(acting_user=bank.ines, slug="nothing", shown="", now=clock.now())
    assert Event.objects.count() == before


def test_the_history_cannot_be_rewritten_by_the_web(bank: Bank) -> None:
    add_term(bank.ines, "Loss", bank.domain)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege('meshmarket_web', 'catalog_termrevision', 'UPDATE, DELETE')"
        )
        assert cursor.fetchone() == (False,)
