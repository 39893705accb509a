"""What the index is asked for: by its stem alone, where all words that begin with the last one have it; it finds the same."""

import pytest
from django.db import connection

from catalog.search.glossary_terms import LONGER_WORDS, parsed_table, text_parameters
from catalog.search.terms import parse_terms
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog

pytestmark = pytest.mark.django_db
BY = f"""WITH {LONGER_WORDS}, {parsed_table(())} SELECT sought::text, array_agg(d.id ORDER BY d.id) FILTER (WHERE d.search @@ q),
  array_agg(d.id ORDER BY d.id) FILTER (WHERE d.search @@ sought) FROM parsed, catalog_document d GROUP BY sought::text"""


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


def sought(text: str) -> tuple[str, list[int] | None, list[int] | None]:
    with connection.cursor() as cursor:
        cursor.execute(BY, text_parameters(parse_terms(text)))
        said, by_rank, by_index = cursor.fetchone()
    return said, by_rank, by_index


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    "text",
    ["claim", "cl", "paid claim", "card -spend", "spend -card", "claim or card", "claim or", "or claim", '"card spend"',
     '"card spend" merchant', "merchant card", "the", "claim the", "the claim", "claims", "nothing-like-it claim"],
)  # fmt: skip
def test_the_index_finds_what_is_ranked(text: str) -> None:
    _, by_rank, by_index = sought(text)

    assert by_index == by_rank


@pytest.mark.usefixtures("shelf")
def test_words_of_one_stem_are_asked_for_by_it() -> None:
    assert sought("claim card")[0] == "'claim' & 'card'"


@pytest.mark.usefixtures("shelf")
def test_a_beginning_is_asked_for_as_one() -> None:
    assert sought("paid clai")[0] == "'paid' & 'clai' | 'paid' & 'clai':*"
