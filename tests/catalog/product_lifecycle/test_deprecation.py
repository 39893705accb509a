"""Deprecations: who, of what, in favor of what, and what the database holds by itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.actions import record_event
from audit.models import Event
from catalog.product_lifecycle.actions import (
    DeprecationTerms,
    allow_requests,
    deprecate_product,
    end_request_exception,
    withdraw_deprecation,
)
from catalog.product_lifecycle.models import Deprecation, compute_lifecycle_digest, find_request_refusals
from catalog.products.models import DataProduct
from catalog.search.index.indexing import index_products
from catalog.search.query import SearchQuery
from catalog.search.search import search
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, NotFoundError, RefusedError
from tests.bank import Bank, make_owner_developer
from tests.product_lifecycle import REASON, deprecate, make_successor, reload_product


def get_shown(bank: Bank) -> str:
    return compute_lifecycle_digest(reload_product(bank))


def try_to_deprecate(bank: Bank, person: Person, terms: DeprecationTerms, shown: str | None = None) -> None:
    shown = get_shown(bank) if shown is None else shown
    deprecate_product(acting_user=person, slug=bank.product.slug, terms=terms, shown=shown, now=clock.now())


def test_a_deprecated_product_is_still_found_and_names_its_successor(bank: Bank) -> None:
    successor = make_successor(bank)
    index_products()
    done = deprecate(bank, successor=successor.slug)
    product = reload_product(bank)
    assert (product.lifecycle, product.is_published, done.successor) == ("deprecated", True, successor)
    hits = search(SearchQuery.from_parameters({"q": ["claims"]}), person=bank.ana, limit=9, offset=0).hits
    assert {hit.slug: hit.lifecycle for hit in hits if hit.kind == "product"} == {
        product.slug: "deprecated",
        successor.slug: "published",
    }
    event = Event.objects.get(verb="deprecate_product")
    assert (event.subject, event.data["reason"]) == (f"product:{product.pk}", REASON)


def test_only_those_who_may_publish_may_deprecate(bank: Bank) -> None:
    with pytest.raises(ForbiddenError):
        try_to_deprecate(bank, make_owner_developer(bank), DeprecationTerms(REASON))
    for person in (bank.ana, bank.sam, bank.greta):
        with pytest.raises(NotFoundError):
            try_to_deprecate(bank, person, DeprecationTerms(REASON))
    assert not Deprecation.objects.exists()


def test_the_second_of_two_deprecations_is_refused(bank: Bank) -> None:
    shown = get_shown(bank)
    try_to_deprecate(bank, bank.ines, DeprecationTerms(REASON), shown)
    with pytest.raises(RefusedError, match="changed in the meantime"):
        try_to_deprecate(bank, bank.ivo, DeprecationTerms("Mine."), shown)
    with pytest.raises(RefusedError, match="Only a published product"):
        try_to_deprecate(bank, bank.ivo, DeprecationTerms("Mine."))
    assert Deprecation.objects.get().deprecated_by == bank.ines


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (DeprecationTerms(" "), "reason"),
        (DeprecationTerms("\0"), "reason"),
        (DeprecationTerms("x" * 1001), "reason"),
        (DeprecationTerms(REASON, "nothing-of-this-name"), "successor"),
    ],
)
def test_bad_input_is_refused_at_its_field(bank: Bank, terms: DeprecationTerms, field: str) -> None:
    with pytest.raises(RefusedError) as caught:
        try_to_deprecate(bank, bank.ines, terms)
    assert (caught.value.field, reload_product(bank).lifecycle) == (field, "published")


def test_a_past_day_and_itself_are_refused(bank: Bank) -> None:
    with pytest.raises(RefusedError, match="after today"):
        try_to_deprecate(bank, bank.ines, DeprecationTerms(REASON, "", clock.now().date()))
    with pytest.raises(RefusedError, match="another product"):
        try_to_deprecate(bank, bank.ines, DeprecationTerms(REASON, bank.product.slug))


def test_successors_make_no_cycle(bank: Bank) -> None:
    successor = make_successor(bank)
    deprecate(bank, successor=successor.slug)
    with pytest.raises(RefusedError, match="another product that is published"):
        deprecate(bank, successor, bank.product.slug)
    assert DataProduct.objects.get(pk=successor.pk).lifecycle == "published"


def test_a_withdrawn_deprecation_stays_in_the_history(bank: Bank) -> None:
    deprecate(bank)
    withdraw_deprecation(acting_user=bank.ivo, slug=bank.product.slug, shown=get_shown(bank), now=clock.now())
    assert reload_product(bank).lifecycle == "published"
    deprecate(bank)
    assert Deprecation.objects.filter(withdrawn_at=None).count() == 1
    assert Deprecation.objects.get(withdrawn_by=bank.ivo).reason == REASON


def test_the_database_refuses_a_second_deprecation_and_a_retired_product_that_is_published(
    bank: Bank,
) -> None:
    done = deprecate(bank)
    event = record_event(verb="x", actor="engine:x", subject="x", data={}, now=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Deprecation.objects.create(
            product=bank.product, reason="x", deprecated_by=bank.ines, deprecated_at=done.deprecated_at, event=event
        )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        DataProduct.objects.filter(pk=bank.product.pk).update(retired_at=clock.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        DataProduct.objects.filter(pk=bank.product.pk).update(is_published=False)


def test_an_exception_is_for_one_person_or_team_until_a_time(bank: Bank) -> None:
    deprecate(bank)
    now = clock.now()

    def refusals(at_days: int = 0) -> dict[int, str]:
        return find_request_refusals([bank.product.pk], bank.ana, bank.bi, now + timedelta(days=at_days))

    assert REASON.rstrip(".") in refusals()[bank.product.pk]
    exception = allow_requests(
        acting_user=bank.ines, slug=bank.product.slug, person=None, team=bank.bi.pk,
        until=now + timedelta(days=5), reason="The year's end.", now=now,
    )  # fmt: skip
    assert (refusals(), bool(refusals(6))) == ({}, True)
    assert find_request_refusals([bank.product.pk], bank.ana, bank.insurance, now)
    end_request_exception(
        acting_user=bank.ivo, slug=bank.product.slug, exception_id=exception.pk, now=clock.now()
    )
    assert refusals()
    with pytest.raises(RefusedError, match="ended already"):
        end_request_exception(
            acting_user=bank.ivo, slug=bank.product.slug, exception_id=exception.pk, now=clock.now()
        )


def test_no_exception_for_nobody_or_for_a_product_that_is_not_deprecated(bank: Bank) -> None:
    def allow(person: int | None, team: int | None) -> None:
        allow_requests(
            acting_user=bank.ines, slug=bank.product.slug, person=person, team=team, reason="Why not.",
            until=clock.now() + timedelta(days=5), now=clock.now(),
        )  # fmt: skip

    with pytest.raises(RefusedError, match="not deprecated"):
        allow(bank.ana.pk, None)
    deprecate(bank)
    for person, team in ((None, None), (bank.ana.pk, bank.bi.pk), (999_999, None)):
        with pytest.raises(RefusedError) as caught:
            allow(person, team)
        assert caught.value.field == "who"
