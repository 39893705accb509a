"""Terms of the glossary that a search contains, and their synonyms in its statement."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.change_versions import MARKS
from catalog.prepared_statements import prepared
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import LAST_SIGN
from catalog.search.query import Terms
from catalog.search.snippets import Meaning

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
    `catalog.change_versions`.
    """

    terms: tuple[SpokenTerm, ...] = ()
    rarest: int | None = None
    marks: int | None = None


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


# The last word may be unfinished. If it is a word, the few that begin with it are asked for: the index finds what holds
# one of these and the other words much sooner than what holds anything with this beginning.
_ASKED = f"""asked AS MATERIALIZED (
  SELECT q, {{sought}} AS sought FROM (
    SELECT *, CASE WHEN %(last)s = '' THEN whole ELSE whole || ({{head}} && to_tsquery('simple',
      CASE WHEN is_word THEN longer ELSE %(last)s END)) END AS q
    FROM (SELECT {{full}} AS whole, string_agg(quote_literal(word), ' | ') AS longer,
        count(*) <= {MOST_LONGER} AND bool_or(word = %(begun)s) AS is_word,
        bool_and(plainto_tsquery('english', word) = plainto_tsquery('english', %(begun)s)) AS is_said
      FROM begun) known) said
)"""  # noqa: S608


# What holds a word holds its stem. So words of one stem are found by it, and to ask for them too takes the index half as
# long again.
_SOUGHT = "CASE WHEN is_word AND is_said THEN whole ELSE q END"


# All words of the term, wherever they stand, are its name; of a synonym they stand side by side.
_REWRITTEN = "ts_rewrite({query}, plainto_tsquery('english', %({said})s), {instead})"


def asked_as(spoken: Sequence[SpokenTerm]) -> str:
    """The common table `asked`, beside `begun`, with one row: `q` ranks what is found, and `sought` finds the same as `q` would, sooner."""
    full, head = (f"websearch_to_tsquery('english', %({name})s)" for name in ("full", "head"))
    for at, term in enumerate(spoken):
        for name in range(len(term.said)):
            instead = _instead(at, name, term)
            full = _REWRITTEN.format(query=full, said=f"said_{at}_{name}", instead=instead)
            head = _REWRITTEN.format(query=head, said=f"said_{at}_{name}", instead=instead)
    return _ASKED.format(full=full, head=head, sought="q" if spoken else _SOUGHT)


def matches(spoken: Sequence[SpokenTerm]) -> str:
    """The condition on a document `d`: it holds the words, or a term that was said is linked with it."""
    if not any(term.products or term.tables for term in spoken):
        return "d.search @@ asked.sought"
    return "(d.search @@ asked.sought OR d.id = ANY(%(linked)s))"


def term_parameters(spoken: Sequence[SpokenTerm]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "linked": sorted({pk for term in spoken for pk in (*(-pk for pk in term.products), *term.tables)}),
    }
    for at, term in enumerate(spoken):
        given |= {f"said_{at}_{name}": said for name, said in enumerate(term.said)}
        given |= {f"other_{at}_{name}": said for name, said in enumerate(term.others)}
    return given


def _instead(at: int, name: int, term: SpokenTerm) -> str:
    others = [f"phraseto_tsquery('english', %(other_{at}_{number})s)" for number in range(len(term.others))]
    return " || ".join([f"plainto_tsquery('english', %(said_{at}_{name})s)", *others])
