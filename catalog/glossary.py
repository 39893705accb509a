"""The glossary in use: the terms that a search speaks of, what they are linked with, and the keys they are found by."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from catalog.alterations import MARKS
from catalog.matching import Meaning, stems_of
from catalog.may import visible_products, visible_tables
from catalog.models import DataProduct
from catalog.prepared import prepared
from catalog.query import Terms
from catalog.terms import Term, TermLink
from catalog.vocabulary import LAST_SIGN
from catalog.words import words
from identity.errors import NotFoundError
from identity.people.models import Person

MOST_TERMS = 5
LONGEST_KEY = 4
"""Words of a name or synonym, stop words aside, by which a search knows it."""

MOST_LONGER = 40
BEGUN = f"""begun AS (SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(begun)s AND word ~<~ %(beyond)s
  LIMIT {MOST_LONGER + 1})"""  # noqa: S608
"""The common table of the words that begin with the last one, which may be unfinished; one more than `MOST_LONGER` are many."""
# What stands side by side in the search, up to `LONGEST_KEY` words. The last word finds what holds its stem, or any word that
# begins with it; one that was not counted yet may stand in very much, and so may a number, as none is kept among the words.
_HEARD = f"""{BEGUN}, stemmed AS (
  SELECT given, (ts_lexize('english_stem', given))[1] AS stem, at
  FROM unnest(string_to_array(%(words)s, ' ')) WITH ORDINALITY said(given, at)
), said AS (
  SELECT stem, row_number() OVER (ORDER BY at) AS at FROM stemmed WHERE stem IS NOT NULL
), runs AS (
  SELECT (SELECT string_agg(stem, ' ' ORDER BY at) FROM said WHERE at BETWEEN first.at AND last.at) AS key
  FROM said first JOIN said last ON last.at BETWEEN first.at AND first.at + {LONGEST_KEY - 1}
), heard AS (
  SELECT {MARKS} AS marks, (SELECT min(CASE WHEN given = %(begun)s THEN coalesce(most, 0) + told ELSE most END) FROM (
    SELECT given, (SELECT max(documents) FROM catalog_indexedword WHERE word IN (given, stem)) AS most
    FROM stemmed WHERE stem IS NOT NULL AND given !~ '^\\d+$') known, (
    SELECT CASE WHEN count(*) <= {MOST_LONGER} AND every(documents > 0) IS NOT FALSE
      THEN coalesce(sum(documents), 0) END AS told FROM begun) longer) AS rarest,
  (SELECT jsonb_agg(t ORDER BY name)::text FROM (
    SELECT slug, name, definition, synonyms, keys, ARRAY(TABLE runs) AS heard,
      ARRAY(SELECT product_id FROM catalog_termlink WHERE term_id = t.id) AS products,
      ARRAY(SELECT table_id FROM catalog_termlink WHERE term_id = t.id) AS tables
    FROM catalog_term t WHERE keys && ARRAY(TABLE runs) ORDER BY name LIMIT {MOST_TERMS}
  ) t) AS terms
)"""  # noqa: S608
HEARD = " ".join(_HEARD.split())
"""Common tables for the parameters of `words_heard`; of them `heard` has one row (marks, rarest, terms): see `told`."""
_HEARD_ALONE = f"WITH {HEARD} SELECT marks, rarest, terms FROM heard"  # noqa: S608


@dataclass(frozen=True)
class SpokenTerm:
    """A term that a search speaks of. `said` are the words of it that were said, `others` those that were not,
    both folded; `products` and `tables` the ids of what is linked with it.
    """

    slug: str
    name: str
    definition: str
    said: tuple[str, ...]
    others: tuple[str, ...]
    synonyms: tuple[str, ...]
    products: frozenset[int]
    tables: frozenset[int]


@dataclass(frozen=True)
class Heard:
    """What is known of the words of a search before it: the terms that it speaks of, and in how many documents its rarest
    finished word stood at the last count, or None where no word is known. `marks` are the state of the catalog, as of
    `catalog.alterations`.
    """

    terms: tuple[SpokenTerm, ...] = ()
    rarest: int | None = None
    marks: int | None = None


@dataclass(frozen=True)
class TermPage:
    """A term with what the person may see of what it is linked with."""

    term: Term
    products: tuple[DataProduct, ...]
    links: tuple[TermLink, ...]


def heard_of(asked: Terms) -> Heard:
    """The terms whose name or synonym stands in a search, and how rare it is; one query, none without words."""
    if not asked.positive:
        return Heard()
    with prepared() as cursor:
        cursor.execute(_HEARD_ALONE, words_heard(asked))
        return told(*cursor.fetchone())


def words_heard(asked: Terms) -> dict[str, str]:
    return {"words": " ".join(asked.positive), "begun": asked.last, "beyond": f"{asked.last}{LAST_SIGN}"}


def told(marks: int | None, rarest: int | None, terms: str | None) -> Heard:
    """What a row of `heard` says."""
    rows = json.loads(terms) if terms else []
    heard = {key for row in rows for key in row["keys"] if key in row["heard"]}
    whole = {key for key in heard if not any(key != other and _within(key, other) for other in heard)}
    spoken = tuple(_spoken(row, whole) for row in rows if whole.intersection(row["keys"]))
    return Heard(spoken, rarest, marks)


def synonyms_of(spoken: Iterable[SpokenTerm]) -> dict[str, Meaning]:
    """From each word that was not said to the term that it means, too."""
    return {
        other: Meaning(term.name, tuple(" ".join(term.said).split()))
        for term in spoken
        for other in term.others
    }


def index_terms(ids: Collection[int] | None = None) -> int:
    """Write by which words these terms, or all, are found; returns how many differed."""
    rows = Term.objects.all() if ids is None else Term.objects.filter(pk__in=ids)
    folded = {term: [[word.text for word in words(said)] for said in term.said] for term in rows}
    stems = stems_of({word for names in folded.values() for name in names for word in name})
    changed = []
    for term, names in folded.items():
        keys = [" ".join(stems[word] for word in name if word in stems) for name in names]
        if keys != term.keys:
            term.keys = keys
            changed.append(term)
    Term.objects.bulk_update(changed, ["keys"])
    return len(changed)


def glossary() -> QuerySet[Term]:
    """All terms by name, each with its owner and the number of its links."""
    return Term.objects.select_related("owner_team").annotate(linked=Count("links")).order_by("name")


def term_page(person: Person, slug: str) -> TermPage:
    """NotFoundError when there is no such term. What the person may not see is left out without a trace."""
    term = Term.objects.select_related("owner_team").filter(slug=slug).first()
    if term is None:
        raise NotFoundError
    shown = visible_products(person).filter(term_links__term=term)
    tables = visible_tables(person).filter(tombstoned_at=None)
    links = TermLink.objects.filter(term=term, table__in=tables).select_related("table__database__catalog")
    return TermPage(
        term=term,
        products=tuple(shown.select_related("domain", "owner").distinct().order_by("name")),
        links=tuple(links.order_by("table__name", "column")),
    )


def _spoken(row: Mapping[str, Any], heard: set[str]) -> SpokenTerm:
    said: list[str] = []
    others: list[str] = []
    for text, key in zip([row["name"], *row["synonyms"]], row["keys"], strict=False):
        (said if key in heard else others).append(" ".join(word.text for word in words(text)))
    return SpokenTerm(
        slug=row["slug"],
        name=row["name"],
        definition=row["definition"],
        said=tuple(said),
        others=tuple(filter(None, others)),
        synonyms=tuple(row["synonyms"]),
        products=frozenset(filter(None, row["products"])),
        tables=frozenset(filter(None, row["tables"])),
    )


def _within(key: str, other: str) -> bool:
    return f" {key} " in f" {other} "
