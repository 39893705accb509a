"""Hits are put in order by weights that people set: the next search goes by the newest ones."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import Event
from catalog.products.models import DataProduct
from catalog.search.index.indexing import compute_completeness
from catalog.search.index.models import Document
from catalog.search.models import DEFAULTS, RankingWeights
from catalog.search.plans.general_plan import read_weights
from identity.people.models import Membership
from kernel import clock
from tests import factories
from tests.catalog.sample_catalog import (
    SampleCatalog,
    list_hit_names,
    make_sample_catalog,
    reindex,
    search_as_ana,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db
NOTHING = dict.fromkeys(DEFAULTS, 0.0)


@pytest.fixture
def shelf() -> SampleCatalog:
    """Claims has *loss* in its name, Card Spend in its summary."""
    shelf = make_sample_catalog()
    DataProduct.objects.filter(pk=shelf.claims.pk).update(name="Loss Ratio")
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(summary="By loss.")
    reindex()
    return shelf


def set_weights(shelf: SampleCatalog, **weights: float) -> None:
    RankingWeights.objects.create(
        **{**NOTHING, **weights}, reason="tried", set_by=shelf.ines, set_at=clock.now()
    )


def test_the_newest_weights_hold_from_the_next_search_on(shelf: SampleCatalog) -> None:
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Loss Ratio", "Card Spend"]

    set_weights(shelf, words=1.0)
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Card Spend", "Loss Ratio"]

    set_weights(shelf, name=1.0)
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Loss Ratio", "Card Spend"]


def test_of_equals_the_popular_comes_first(shelf: SampleCatalog) -> None:
    set_weights(shelf, name=1.0, words=1.0, popularity=1.0)
    Document.objects.filter(pk=-shelf.card_spend.pk).update(teams=9)
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Card Spend", "Loss Ratio"]
    Document.objects.filter(pk=-shelf.claims.pk).update(teams=9)
    Document.objects.filter(pk=-shelf.card_spend.pk).update(teams=1)
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Loss Ratio", "Card Spend"]


def test_of_equals_the_better_described_comes_first(shelf: SampleCatalog) -> None:
    set_weights(shelf, name=1.0, words=1.0, completeness=1.0)
    DataProduct.objects.filter(pk=shelf.card_spend.pk).update(description="At length.", refresh="daily")
    reindex()
    assert list_hit_names(search_as_ana(shelf, "q=loss")) == ["Card Spend", "Loss Ratio"]


def test_of_equals_that_of_ones_own_domain_comes_first(shelf: SampleCatalog) -> None:
    set_weights(shelf, name=1.0, words=1.0, own_domain=1.0)
    for domain, first in [(shelf.card_spend.domain, "Card Spend"), (shelf.insurance, "Loss Ratio")]:
        with as_role("meshmarket_owner"):
            Membership.objects.filter(person=shelf.ana).delete()
        factories.add_members(domain.owner_team, Membership.Role.MEMBER, [shelf.ana])
        assert list_hit_names(search_as_ana(shelf, "q=loss"))[0] == first


def test_without_any_the_defaults_hold(shelf: SampleCatalog) -> None:
    assert read_weights() == DEFAULTS
    set_weights(shelf, words=0.5)
    assert read_weights() == {**NOTHING, "words": 0.5}


@pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
def test_a_weight_is_from_nought_to_one(shelf: SampleCatalog, weight: float) -> None:
    with pytest.raises(IntegrityError, match="0_to_1"), transaction.atomic():
        set_weights(shelf, popularity=weight)


def test_an_admin_adds_a_version_on_the_record_and_changes_none(client: Client) -> None:
    greta = factories.make_admin()
    client.force_login(greta)
    form = {**NOTHING, "name": "0.9", "reason": "Names mean more."}

    assert 'value="0.4"' in client.get(reverse("admin:catalog_rankingweights_add")).content.decode()
    client.post(reverse("admin:catalog_rankingweights_add"), form)

    row = RankingWeights.objects.get()
    assert (row.name, row.reason, row.set_by) == (0.9, "Names mean more.", greta)
    assert Event.objects.get(verb="add_rankingweights").actor == f"person:{greta.pk}"
    change = reverse("admin:catalog_rankingweights_change", args=[row.pk])
    assert client.post(change, form).status_code == 403
    assert client.post(reverse("admin:catalog_rankingweights_delete", args=[row.pk])).status_code == 403


@pytest.mark.parametrize(
    ("said", "parts", "expected"),
    [
        (["a", "b"], ["c", "d"], 100),
        (["a", ""], ["c", ""], 50),
        (["a", "b"], [], 67),
        (["", ""], [], 0),
    ],
)
def test_complete_is_what_tells_all_it_could(said: list[str], parts: list[str], expected: int) -> None:
    assert compute_completeness(said, parts) == expected


def test_a_product_is_as_complete_as_its_words_and_columns(shelf: SampleCatalog) -> None:
    DataProduct.objects.filter(pk=shelf.claims.pk).update(description="At length.", keywords=["loss"])
    reindex()
    assert Document.objects.get(pk=-shelf.claims.pk).completeness == 60
