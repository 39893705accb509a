"""People find what they look for: NDCG@10 over judged queries on the demo's bank, beside PostgreSQL's plain rank."""

from collections.abc import Callable, Sequence

import pytest
from django.db import connection

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.search.query import SearchQuery, parse_text
from catalog.search.search import search
from identity.people.models import Person
from tests.catalog.search.relevance.example_bank import make_bank_catalog
from tests.catalog.search.relevance.judgements import HELD_OUT, JUDGED, TUNED
from tools.bench.search.relevance.scores import FIRST_HITS, compute_ndcg

pytestmark = pytest.mark.django_db

MUST, AHEAD = 0.90, 0.05
SearchFunction = Callable[[str], list[str]]
JudgedQueries = Sequence[tuple[str, dict[str, int]]]

# All words of a thing in one text, by the `english` configuration and nothing of ours.
PLAIN = """
WITH of_tables AS (
  SELECT t.id, concat_ws(' ', t.name, t.description, string_agg(concat_ws(' ', c.name, c.comment), ' ')) AS text
  FROM catalog_table t JOIN catalog_column c ON c.table_id = t.id GROUP BY t.id
), texts AS (
  SELECT p.slug AS key, concat_ws(' ', p.name, p.summary, p.description, array_to_string(p.keywords, ' '),
    (SELECT string_agg(o.text, ' ') FROM catalog_producttable l JOIN of_tables o ON o.id = l.table_id
     WHERE l.product_id = p.id)) AS text
  FROM catalog_dataproduct p WHERE p.is_published
  UNION ALL SELECT t.name, o.text FROM of_tables o JOIN catalog_table t USING (id)
  WHERE NOT EXISTS (SELECT FROM catalog_producttable l WHERE l.table_id = o.id)
)
SELECT key FROM texts, websearch_to_tsquery('english', %s) AS q
WHERE to_tsvector('english', text) @@ q ORDER BY ts_rank(to_tsvector('english', text), q) DESC, key LIMIT 10"""


@pytest.fixture
def ana(settings: object) -> Person:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    return make_bank_catalog()


def search_ours(person: Person) -> SearchFunction:
    def found(text: str) -> list[str]:
        hits = search(SearchQuery(text=text), person=person, limit=FIRST_HITS).hits
        return [hit.slug or hit.name for hit in hits]

    return found


def search_plainly(text: str) -> list[str]:
    said = parse_text(text)
    words = " ".join([said.words, *(each.value for each in said.filters if each.name == "column")])
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, [words])
        return [key for (key,) in cursor.fetchall()]


def compute_mean(found: SearchFunction, judged: JudgedQueries) -> float:
    return sum(compute_ndcg(found(text), grades) for text, grades in judged) / len(judged)


def test_what_is_judged_is_there(ana: Person) -> None:
    products = DataProduct.objects.filter(is_published=True).values_list("slug", flat=True)
    tables = Table.objects.filter(product_tables=None).values_list("name", flat=True)

    assert {key for _, grades in JUDGED for key in grades} <= {*products, *tables}


def test_the_right_thing_comes_first_and_more_often_than_by_plain_rank(ana: Person) -> None:
    held_out, tuned, usual = (
        compute_mean(search_ours(ana), HELD_OUT),
        compute_mean(search_ours(ana), TUNED),
        compute_mean(search_plainly, HELD_OUT),
    )
    worst = sorted((round(compute_ndcg(search_ours(ana)(text), grades), 2), text) for text, grades in JUDGED)[
        :8
    ]
    said = f"held out {held_out:.3f}, tuned {tuned:.3f}, plain {usual:.3f} held out; lowest {worst}"

    assert len(JUDGED) >= 80, said
    assert held_out >= MUST, said
    assert held_out >= usual + AHEAD, said
