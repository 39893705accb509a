"""An offer is written, published and retired by the owners of its domain, and by nobody else."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from catalog.products.offers.actions import publish_offer_version, retire_offer, write_offer
from catalog.products.offers.models import Offer
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests import factories
from tests.bank import Bank, make_bank
from tests.database import without_triggers
from tests.offers import build_draft, publish_draft, write_draft


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


def test_a_draft_is_put_in_force_and_withdrawn_and_each_is_on_record(bank: Bank) -> None:
    version = publish_draft(bank, automatic=True)
    assert (version.number, version.state, version.published_by) == (1, "published", bank.ines)
    retire_offer(acting_user=bank.ivo, offer_id=version.offer_id, now=clock.now())
    version.refresh_from_db()
    assert (version.state, version.retired_by) == ("retired", bank.ivo)
    told = Event.objects.order_by("pk").values_list("verb", "data__automatic")
    assert list(told) == [("write_offer", True), ("publish_offer_version", True), ("retire_offer", None)]
    with pytest.raises(RefusedError, match="already retired"):
        retire_offer(acting_user=bank.ines, offer_id=version.offer_id, now=clock.now())
    with pytest.raises(RefusedError, match="version is retired"):
        publish_offer_version(acting_user=bank.ines, version_id=version.pk, now=clock.now())


def test_a_change_is_the_next_version_and_what_is_in_force_stays_until_then(bank: Bank) -> None:
    first = publish_draft(bank)
    put_aside = write_draft(bank, first.offer, name="A thought")
    second = write_draft(bank, first.offer, longest_hours=24, terms="Name the source, and us.")
    states = dict(first.offer.versions.values_list("number", "state"))
    assert states == {1: "published", 2: "retired", 3: "draft"}
    assert put_aside.terms == first.terms
    assert second.terms is not None
    assert second.terms.number == 2
    publish_offer_version(acting_user=bank.ines, version_id=second.pk, now=clock.now())
    states = dict(first.offer.versions.values_list("number", "state"))
    assert states == {1: "retired", 2: "retired", 3: "published"}


def test_only_data_owners_of_the_domain_may(bank: Bank) -> None:
    version = write_draft(bank)
    events = Event.objects.count()
    developer = factories.make_person("Dora Ek")
    factories.add_members(bank.insurance, "developer", [developer])
    for person in (bank.ana, bank.sam, bank.greta, developer):
        with pytest.raises(ForbiddenError):
            write_draft(bank, by=person)
        with pytest.raises(NotFoundError):
            publish_offer_version(acting_user=person, version_id=version.pk, now=clock.now())
        with pytest.raises(NotFoundError):
            retire_offer(acting_user=person, offer_id=version.offer_id, now=clock.now())
    version.refresh_from_db()
    assert (version.state, Event.objects.count()) == ("draft", events)


def test_sql_under_the_webs_role_puts_nothing_in_force_for_governance(bank: Bank) -> None:
    version = write_draft(bank)
    forced = "UPDATE catalog_offerversion SET state = 'published', published_at = now(), published_by_id = %s"
    with pytest.raises(IntegrityError, match="by a data owner of its domain"), transaction.atomic():
        connection.cursor().execute(forced, [bank.greta.pk])
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        connection.cursor().execute("UPDATE catalog_offerversion SET longest_hours = 99999")
    publish_draft(bank, version.offer)
    with pytest.raises(IntegrityError, match="from draft to published"), transaction.atomic():
        connection.cursor().execute("UPDATE catalog_offerversion SET state = 'draft', retired_at = null")


def test_another_domains_table_is_offered_by_its_own_owners(bank: Bank) -> None:
    """Of a product from before the database refused one of two domains."""
    cora = factories.make_person("Cora Beck")
    cards = factories.make_domain(factories.make_team("Cards", owners=[cora]), "Cards")
    payments = factories.make_table(factories.make_database(bank.catalog, cards, "cards_gold"), "payments")
    with without_triggers():
        product = factories.make_product(bank.domain, bank.ines, [bank.claims, payments], name="Both")
    words = build_draft(bank, tables=(bank.claims.pk, payments.pk))
    both = {"product": product, "draft": words, "now": clock.now()}
    with pytest.raises(RefusedError, match=r"cards_gold\.payments belongs to Cards"):
        write_offer(acting_user=bank.ines, domain=bank.domain, **both)  # type: ignore[arg-type]
    both["draft"] = replace(words, tables=(payments.pk,))
    version = write_offer(acting_user=cora, domain=cards, **both)  # type: ignore[arg-type]
    payments.database.domain = bank.domain
    with without_triggers():
        payments.database.save()
    with pytest.raises(RefusedError, match="belongs to Insurance"):
        publish_offer_version(acting_user=cora, version_id=version.pk, now=clock.now())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"tables": ()}, "tables"),
        ({"tables": (0,)}, "tables"),
        ({"scope": "database"}, "database"),
        ({"scope": "tags"}, "tags"),
        ({"scope": "everything"}, "scope"),
        ({"highest_class": "secret"}, "highest_class"),
        ({"future_columns": True}, "future_columns"),
        ({"uses": ()}, "uses"),
        ({"uses": ("anything",)}, "uses"),
        ({"longest_hours": 0}, "longest_hours"),
        ({"longest_hours": 10**6}, "longest_hours"),
        ({"row_template": "country = {country}", "row_values": {"country": ["DE"]}}, "row_template"),
        ({"row_template": "amount = {amount}", "row_values": {"amount": ["5"]}}, "row_template"),
        ({"row_template": "amount = {amount}"}, "row_template"),
        ({"terms": "x" * 8001}, "terms"),
    ],
)
def test_what_does_not_stand_is_said_at_its_input(bank: Bank, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(RefusedError) as caught:
        write_draft(bank, **changes)
    assert (caught.value.field, Offer.objects.count()) == (field, 0)
