"""What one would expect for a few letters stands first: mean reciprocal rank over judged prefixes of the demo's bank."""

import pytest

from catalog.products.models import DataProduct
from catalog.search.completion import refresh_prefix_cache, suggest
from catalog.search.index.models import Document
from identity.people.models import Person
from tests.catalog.search.relevance.example_bank import make_bank_catalog
from tests.catalog.search.relevance.judged_prefixes import EXPECTED, TEAMS

pytestmark = pytest.mark.django_db

MUST = 0.95
FORMS = {"s", "es", "ed"}
"""Endings by which a word of the list may differ from the one that is expected: it finds the same."""


@pytest.fixture
def ana(settings: object) -> Person:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    person = make_bank_catalog()
    _set_teams()
    refresh_prefix_cache(all_prefixes=True)
    return person


def _set_teams() -> None:
    for slug, pk in DataProduct.objects.filter(slug__in=TEAMS).values_list("slug", "pk"):
        Document.objects.filter(pk=-pk).update(teams=TEAMS[slug])


def _get_name(label: str) -> str:
    """Without the domain of a term."""
    return label.split(" (", maxsplit=1)[0]


def compute_reciprocal_rank(labels: list[str], expected: str) -> float:
    wanted = {
        expected,
        *(expected + ending for ending in FORMS),
        *(expected.removesuffix(ending) for ending in FORMS),
    }
    return next((1 / at for at, label in enumerate(labels, start=1) if label in wanted), 0.0)


def test_what_is_expected_stands_first(ana: Person) -> None:
    labels = {
        prefix: [_get_name(found.label) for found in suggest(prefix, person=ana)] for prefix, _ in EXPECTED
    }
    ranks = {prefix: compute_reciprocal_rank(labels[prefix], expected) for prefix, expected in EXPECTED}
    mean = sum(ranks.values()) / len(ranks)

    assert mean >= MUST, sorted(ranks.items(), key=lambda each: each[1])[:12]
