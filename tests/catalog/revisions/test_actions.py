"""Drafts of a product, their publication, and what is refused."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from audit.actions import record_event
from audit.models import Event
from catalog.products.models import DataProduct
from catalog.revisions.actions import discard_product_draft, publish_product_draft
from catalog.revisions.models import ProductRevision, RevisionState
from catalog.search.query import SearchQuery
from catalog.search.search import search
from identity.people.models import Membership, Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank
from tests.products import get_state, save_draft

SUMMARY = "Claims of every line, zephyrous each night."


@pytest.fixture
def dev(bank: Bank) -> Person:
    person = factories.make_person("Dev Roth")
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [person])
    return person


def publish(bank: Bank, person: Person, shown: str | None = None) -> ProductRevision:
    shown = get_state(bank) if shown is None else shown
    return publish_product_draft(acting_user=person, slug=bank.product.slug, shown=shown, now=clock.now())


def reload_product(bank: Bank) -> DataProduct:
    return DataProduct.objects.get(pk=bank.product.pk)


def test_a_developer_drafts_and_a_data_owner_publishes(bank: Bank, dev: Person) -> None:
    before = reload_product(bank).summary
    draft = save_draft(bank, dev, summary=SUMMARY, keywords=("loss", " loss ", ""), note="Say when.")
    assert reload_product(bank).summary == before
    with pytest.raises(ForbiddenError):
        publish(bank, dev)
    done = publish(bank, bank.ines)
    product = reload_product(bank)
    assert (done.pk, product.summary, product.keywords) == (draft.pk, SUMMARY, ["loss"])
    assert (done.state, done.published_by, done.before["summary"]) == ("published", bank.ines, before)
    verbs = (
        Event.objects.filter(subject=f"product:{product.pk}").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["save_product_draft", "publish_product_draft", "announce_version"]


def test_a_published_summary_is_found_at_once(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY)
    query = SearchQuery.from_parameters({"q": ["zephyrous"]})
    assert search(query, person=bank.ana, limit=5, offset=0).hits == ()
    publish(bank, bank.ines)
    (hit,) = search(query, person=bank.ana, limit=5, offset=0).hits
    assert hit.slug == bank.product.slug


def test_two_editors_at_once_lose_nothing(bank: Bank, dev: Person) -> None:
    opened = get_state(bank)
    save_draft(bank, dev, based_on=opened, summary=SUMMARY)
    with pytest.raises(RefusedError, match="Dev Roth saved another draft"):
        save_draft(bank, bank.ines, based_on=opened, summary="Mine.")
    publish(bank, bank.ines)
    with pytest.raises(RefusedError, match="The product changed while you were editing"):
        save_draft(bank, bank.ines, based_on=opened, summary="Mine.")
    assert reload_product(bank).summary == SUMMARY


def test_only_the_draft_that_was_shown_is_published(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY)
    shown = get_state(bank)
    save_draft(bank, bank.ines, summary="Something else.")
    with pytest.raises(RefusedError, match="changed in the meantime"):
        publish(bank, bank.ines, shown)
    shown = get_state(bank)
    DataProduct.objects.filter(pk=bank.product.pk).update(refresh="hourly")
    with pytest.raises(RefusedError, match="changed in the meantime"):
        publish(bank, bank.ines, shown)


def test_the_same_draft_again_changes_nothing(bank: Bank) -> None:
    first = save_draft(bank, bank.ines, summary=SUMMARY)
    again = save_draft(bank, bank.ines, summary=SUMMARY)
    assert (again.pk, again.edit) == (first.pk, 1)
    assert Event.objects.filter(verb="save_product_draft").count() == 1


def test_a_draft_without_a_change_is_not_published(bank: Bank) -> None:
    save_draft(bank, bank.ines)
    with pytest.raises(RefusedError, match="says what the product says already"):
        publish(bank, bank.ines)


def test_a_discarded_draft_leaves_the_product_as_it_is(bank: Bank) -> None:
    save_draft(bank, bank.ines, summary=SUMMARY)
    done = discard_product_draft(
        acting_user=bank.ines, slug=bank.product.slug, shown=get_state(bank), now=clock.now()
    )
    assert (done.state, reload_product(bank).summary == SUMMARY) == (RevisionState.DISCARDED, False)
    assert save_draft(bank, bank.ines, summary=SUMMARY).number == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 161}, "name"),
        ({"summary": ""}, "summary"),
        ({"summary": "a\x00b"}, "summary"),
        ({"description": "x" * 20_001}, "description"),
        ({"keywords": tuple(map(str, range(21)))}, "keywords"),
        ({"keywords": ("x" * 61,)}, "keywords"),
        ({"support": "x" * 241}, "support"),
        ({"owner": 987_654_321}, "owner"),
    ],
)
def test_an_invalid_field_is_refused(bank: Bank, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as refused:
        save_draft(bank, bank.ines, **changes)
    assert refused.value.field == field
    assert not ProductRevision.objects.exists()


def test_a_new_owner_is_a_data_owner_of_the_team(bank: Bank, dev: Person) -> None:
    for person in (bank.ana, dev):
        with pytest.raises(RefusedError, match="Choose a data owner"):
            save_draft(bank, bank.ines, owner=person.pk)
    factories.add_members(bank.insurance, Membership.Role.DATA_OWNER, [dev])
    save_draft(bank, bank.ines, owner=dev.pk)
    publish(bank, bank.ines)
    assert reload_product(bank).owner == dev


def test_nobody_else_finds_anything_to_edit(bank: Bank) -> None:
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(NotFoundError):
            save_draft(bank, person, summary=SUMMARY)
    save_draft(bank, bank.ines, summary=SUMMARY)
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(NotFoundError):
            publish(bank, person)


def test_the_database_keeps_one_draft_of_a_product(bank: Bank) -> None:
    draft = save_draft(bank, bank.ines, summary=SUMMARY)
    other = record_event(verb="save_product_draft", actor="engine:x", subject="x", data={}, now=clock.now())
    draft.pk, draft.number, draft.event = None, 2, other
    with pytest.raises(IntegrityError, match="product_revision_one_draft"), transaction.atomic():
        draft.save(force_insert=True)
