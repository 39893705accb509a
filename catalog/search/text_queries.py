"""The text of a search as queries of PostgreSQL: what matches it, and how much each of its words weighs.

A search finds what contains all of its words. Where that is little it is widened: by what contains a word that begins with
the last one, and then by what contains some of the words.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.change_versions import CATALOG_VERSION_SQL
from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import DOCUMENTS_WITH, STEM_OF, STOP_WORDS
from catalog.search.terms import MAX_TEXT, Spellings, Terms, build_tsquery_text
from identity.people.models import Person
from kernel.sql import prepared_cursor

# A table that was not analyzed yet has no count of rows.
_DOCUMENTS = "(SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'catalog_document'::regclass)"
_COUNTED = DOCUMENTS_WITH.format(lexeme=STEM_OF.format(word="word"))
# A spelling that no document contains is left out, but not the first. `ts_rank` divides the rank of alternatives by their
# number.
WORDS = f"""counted AS (
  SELECT at, spelling, min({_COUNTED}) AS documents, string_agg(quote_literal(word), ' <-> ' ORDER BY n) AS text
  FROM unnest(%(places)s::int[], %(spellings)s::int[], %(words)s::text[]) WITH ORDINALITY one(at, spelling, word, n)
  GROUP BY 1, 2
), word AS (
  SELECT at, q, documents,
    (ln(1 + total / (1 + documents)) * CASE WHEN count > 1 THEN (numnode(q) + 1) / 2 ELSE 1 END)::real AS weight
  FROM {_DOCUMENTS} known(total), (
    SELECT at, to_tsquery('english', string_agg(text, ' | ')) AS q, sum(documents) AS documents, count(*)
    FROM counted WHERE documents > 0 OR spelling = 0 GROUP BY 1) read WHERE numnode(q) > 0
), pair AS (
  SELECT a.q && b.q AS q, least(a.weight, b.weight) / 2 AS weight FROM word a, word b WHERE a.at < b.at AND b.at <= %(count)s
)"""  # noqa: S608
"""Common tables. `word` has the words and phrases without stop words: their places, queries, weights by rareness, and how many
documents contain them. Synonyms are behind the last word of the search, which is at %(count)s. `pair` has two words of the
search each, and weighs half as much as the less rare one.
"""
QUERY_OF_ALL = """coalesce((SELECT string_agg('(' || q::text || ')', ' & ')::tsquery FROM word WHERE at <= %(count)s), '')"""


def build_word_parameters(terms: Terms, synonyms: Sequence[Spellings] = ()) -> dict[str, Any]:
    """For `WORDS`."""
    rows = [
        (at, number, word)
        for at, spellings in enumerate([*terms.words, *synonyms], start=1)
        for number, spelling in enumerate(spellings)
        for word in spelling
    ]
    places, spellings, words = map(list, zip(*rows, strict=True)) if rows else ([], [], [])
    return {
        "places": places,
        "spellings": spellings,
        "words": words,
        "positive": " ".join(terms.positive),
        "count": len(terms.words),
    }


RARE = 10_000
"""A word that at most so many documents contain is rare."""
MAX_TERMS = 5
MAX_KEY_WORDS = 4
"""Longest name or synonym that is recognized, without stop words."""

# Neighbouring words, up to `MAX_KEY_WORDS`, are looked up in the glossary.
_LOOKUP = f"""stemmed AS (
  SELECT given, (ts_lexize('english_stem', given))[1] AS stem, at
  FROM unnest(string_to_array(%(positive)s, ' ')) WITH ORDINALITY one(given, at)
), stems AS (
  SELECT stem, row_number() OVER (ORDER BY at) AS at FROM stemmed WHERE stem IS NOT NULL
), keys AS (
  SELECT (SELECT string_agg(stem, ' ' ORDER BY at) FROM stems WHERE at BETWEEN a.at AND z.at)
  FROM stems a JOIN stems z ON z.at BETWEEN a.at AND a.at + {MAX_KEY_WORDS - 1}
), lookup AS (
  SELECT {CATALOG_VERSION_SQL} AS marks, (SELECT min(documents) FROM word) AS rarest,
  (SELECT jsonb_agg(t ORDER BY name, domain)::text FROM (
    SELECT slug, name, definition, synonyms, keys, ARRAY(TABLE keys) AS found,
      (SELECT d.name FROM catalog_domain d WHERE d.id = domain_id) AS domain,
      ARRAY(SELECT coalesce(table_id, -product_id) FROM catalog_termlink WHERE term_id = t.id) AS links
    FROM catalog_term t WHERE keys && ARRAY(TABLE keys) AND state = 'approved' ORDER BY name, slug LIMIT {MAX_TERMS}
  ) t) AS terms
)"""  # noqa: S608
LOOKUP = " ".join(_LOOKUP.split())
"""Common tables beside `WORDS`; `lookup` has one row (marks, rarest, terms), which `read_lookup` reads."""
_LOOKUP_ALONE = f"WITH {WORDS}, {LOOKUP} SELECT rarest, terms FROM lookup"  # noqa: S608


@dataclass(frozen=True)
class MatchedTerm:
    """An approved glossary term in a search. `matched` are its names that the search contains, `others` those that it does not,
    both folded. `products` and `tables` are the ids of what is linked with it.
    """

    slug: str
    name: str
    definition: str
    matched: tuple[str, ...]
    others: tuple[str, ...]
    synonyms: tuple[str, ...]
    products: frozenset[int]
    tables: frozenset[int]
    domain: str = ""

    @property
    def label(self) -> str:
        """The name with its domain."""
        return f"{self.name} ({self.domain})" if self.domain else self.name


@dataclass(frozen=True)
class Lookup:
    """`is_rare`: a word that every match contains is known to be rare."""

    terms: tuple[MatchedTerm, ...] = ()
    is_rare: bool = False


def look_up(terms: Terms) -> Lookup:
    """One query, none without words."""
    if not terms.positive:
        return Lookup()
    with prepared_cursor() as cursor:
        cursor.execute(_LOOKUP_ALONE, build_word_parameters(terms))
        return read_lookup(terms, *cursor.fetchone())


def read_lookup(words: Terms, rarest: int | None, terms: str | None) -> Lookup:
    """`rarest` is how many documents contain the rarest finished word as of the last count, None where no word is known."""
    rows = json.loads(terms) if terms else []
    found = {key for row in rows for key in row["keys"] if key in row["found"]}
    longest = {
        key for key in found if not any(key != other and f" {key} " in f" {other} " for other in found)
    }
    matched = tuple(_build_matched_term(row, longest) for row in rows if longest.intersection(row["keys"]))
    is_rare = rarest is not None and rarest <= RARE and not matched and not words.has_or
    return Lookup(matched, is_rare)


def _build_matched_term(row: Mapping[str, Any], found: set[str]) -> MatchedTerm:
    matched: list[str] = []
    others: list[str] = []
    for text, key in zip([row["name"], *row["synonyms"]], row["keys"], strict=False):
        (matched if key in found else others).append(" ".join(word.text for word in words(text)))
    return MatchedTerm(
        slug=row["slug"],
        name=row["name"],
        definition=row["definition"],
        matched=tuple(matched),
        others=tuple(filter(None, others)),
        synonyms=tuple(row["synonyms"]),
        products=frozenset(-pk for pk in row["links"] if pk < 0),
        tables=frozenset(pk for pk in row["links"] if pk > 0),
        domain=row["domain"] or "",
    )


FEW = 20
"""Documents; a search that finds fewer is widened, by the second step only if the first still finds fewer."""
MAX_WIDENED = 2_000
"""A widened search looks for the rarest words: as many as about so many documents contain, or the rarest one alone."""
ALL_WORDS, PREFIX, SOME_WORDS = 0, 1, 2
"""Levels of a widened search, in this order. What the text names exactly stands before, by its place in `exact`. A long document
with all words apart is at the last level, with those that have some of the words.
"""
LONG_LEXEMES = 100
TOGETHER = 0.3
"""Cover density from which words stand together: for two words at most one other between them and another mention nearby."""
_FIRST_EXACT, _FIRST_EXACT_ALONE, NOT_EXACT = -100, -200, -1
"""Levels of what is named exactly in a widened search and in one that is not, and of the others of the latter."""

# Words that no document contains cost nothing; right after very many documents were written, none is counted yet.
_SOME = f"""(SELECT string_agg('(' || q::text || ')', ' | ')::tsquery FROM (
  SELECT q, sum(documents) OVER rare AS together, sum(documents) OVER (rare ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
  FROM word WHERE at <= %(count)s WINDOW rare AS (ORDER BY documents, at)) AS known
  WHERE together <= {MAX_WIDENED} OR coalesce(before, 0) = 0)"""  # noqa: S608
# The name of a term is found by all its words in any place, a synonym by its words side by side.
_REWRITTEN = "ts_rewrite({query}, plainto_tsquery('english', %({name})s), {replacement})"
_ALL = "parsed AS MATERIALIZED (SELECT {full} AS sought)"
# One word is some of the words as it is all of them.
_WIDENED = f"""queries AS MATERIALIZED (
  SELECT *, CASE WHEN %(last)s = '' THEN whole ELSE whole || ({{head}} && prefix) END AS prefixed
  FROM (SELECT {{full}} AS whole, to_tsquery('simple', %(last)s) AS prefix,
    to_tsquery('english', %(excluded)s) AS excluded) AS given
), with_all_words AS MATERIALIZED (
  SELECT d.id, d.length > {LONG_LEXEMES} AND ts_rank_cd('{{{{1, 1, 1, 1}}}}', d.search, whole) < {TOGETHER} AS is_scattered
  FROM catalog_document d CROSS JOIN queries WHERE {VISIBLE_DOCUMENT} AND d.search @@ whole
), with_prefix AS MATERIALIZED (
  SELECT d.id FROM catalog_document d CROSS JOIN queries WHERE {VISIBLE_DOCUMENT} AND d.search @@ prefixed
), parsed AS MATERIALIZED (
  SELECT prefix, CASE WHEN %(count)s = 1 OR (SELECT count(*) FROM (SELECT FROM with_prefix LIMIT {FEW}) AS first) >= {FEW}
    THEN prefixed ELSE coalesce(prefixed || ({_SOME} && excluded), prefixed) END AS sought FROM queries
)"""  # noqa: S608
_EXACT_PLACE = "array_position(%(exact)s::bigint[], d.id)"
EXACT_LEVEL = f"coalesce({_FIRST_EXACT_ALONE} + {_EXACT_PLACE}, {NOT_EXACT})"
WIDENED_LEVEL = f"""CASE WHEN d.id = ANY(%(exact)s) THEN {_FIRST_EXACT} + {_EXACT_PLACE}
  WHEN d.id IN (SELECT id FROM with_all_words WHERE NOT is_scattered) OR %(names_terms)s AND d.id = ANY(%(linked)s) THEN {ALL_WORDS}
  WHEN %(count)s = 1 OR d.id IN (SELECT id FROM with_prefix EXCEPT SELECT id FROM with_all_words) THEN {PREFIX} ELSE {SOME_WORDS} END"""  # noqa: S608
"""Levels of a document `d` that a search finds."""
MISSING = f"""CASE WHEN match_level = {SOME_WORDS} THEN ARRAY(
  SELECT word.at FROM word WHERE word.at <= %(count)s AND NOT search @@ word.q ORDER BY word.at) ELSE '{{}}' END"""  # noqa: S608
"""Places of the words that a row `search`, `match_level` of a widened search does not contain."""


def is_level_of_widened(level: int) -> bool:
    return level >= _FIRST_EXACT and level != NOT_EXACT


def parse_tables(terms: Sequence[MatchedTerm], *, has_or: bool, is_widened: bool) -> str:
    """Common tables beside `WORDS`; `parsed` has one row: `sought` finds what the search does."""
    full, head = (f"websearch_to_tsquery('english', %({name})s)" for name in ("full", "head"))
    for name, replacement in _list_replacements(terms):
        full = _REWRITTEN.format(query=full, name=name, replacement=replacement)
        head = _REWRITTEN.format(query=head, name=name, replacement=replacement)
    if not has_or:
        spelled = f"({QUERY_OF_ALL} && to_tsquery('english', %(excluded)s))"
        full = f"({full} || {spelled})" if terms else spelled
    return (_WIDENED if is_widened else _ALL).format(full=full, head=head)


def _list_replacements(terms: Sequence[MatchedTerm]) -> Iterator[tuple[str, str]]:
    for at, term in enumerate(terms):
        others = "".join(
            f" || phraseto_tsquery('english', %(other_{at}_{number})s)" for number in range(len(term.others))
        )
        for number in range(len(term.matched)):
            name = f"matched_{at}_{number}"
            yield name, f"plainto_tsquery('english', %({name})s){others}"


def build_text_parameters(terms: Terms, matched: Sequence[MatchedTerm] = ()) -> dict[str, Any]:
    """For `WORDS` and `parse_tables`; `linked` are the documents linked with the terms, which have all words if the search has
    no others.
    """
    synonyms = [(tuple(other.split()),) for term in matched for other in term.others]
    excluded = [f"!({build_tsquery_text([each])})" for each in terms.excluded]
    # After other words a stop word is meant as one.
    last = "" if terms.last in STOP_WORDS and len(terms.positive) > 1 else terms.last
    parameters: dict[str, Any] = {
        **build_word_parameters(terms, synonyms),
        "full": terms.full,
        "head": terms.head,
        "excluded": " & ".join(excluded),
        "last": f"'{last}':*" if last else "",
        "last_place": len(terms.words) if last else 0,
        "names_terms": _is_naming_terms(terms, matched),
        "linked": sorted({pk for term in matched for pk in (*(-pk for pk in term.products), *term.tables)}),
    }
    for at, term in enumerate(matched):
        parameters |= {f"matched_{at}_{number}": name for number, name in enumerate(term.matched)}
        parameters |= {f"other_{at}_{number}": name for number, name in enumerate(term.others)}
    return parameters


def _is_naming_terms(terms: Terms, matched: Sequence[MatchedTerm]) -> bool:
    """Whether the search has no words beside those of glossary terms."""
    named = sum(len(name.split()) for term in matched for name in term.matched)
    return named >= sum(word not in STOP_WORDS for word in terms.positive)


MAX_WORDS = 12
"""Words of a name; a longer text names nothing."""
MAX_FOUND = 50
MAX_FOLDERS = 40
"""Folders of an address in S3."""

_QUOTES = "\"'`"
_QUALIFIED = re.compile(r"(?:[\w-]+\.)?([\w-]+)\.([\w-]+)")
_ADDRESS = re.compile(r"(?:s3[an]?://|arn:aws[\w-]*:s3:::)(\S+)", re.IGNORECASE)
_GLUE_ARN = re.compile(r"arn:aws[\w-]*:glue:([\w-]+):(\d{12}):(?:table|database)/([^/\s]+)(?:/([^/\s]+))?")
_TABLE_ID = re.compile(r"(?:#|(?:https?://\S+)?/tables/)?([1-9]\d{0,17})/?", re.ASCII)
_PRODUCT_PAGE = re.compile(r"(?:https?://\S+)?/data-products/([\w-]+)/?")
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)

# Each name is looked up in an index of its own. OFFSET 0 and LIMIT keep the planner from reading a whole table instead.
_LIVE = "t.tombstoned_at IS NULL"
_STATEMENT = f"""WITH given AS MATERIALIZED (
  SELECT catalog_exact_key(%(name)s::text) AS name, catalog_exact_key(%(database)s::text) AS database,
    catalog_exact_key(%(table)s::text) AS "table"
), tables AS MATERIALIZED (
  SELECT 1 AS place, named.id FROM given CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
    WHERE catalog_exact_key(t.name) = given."table" AND {_LIVE} AND t.database_id IN (SELECT b.id FROM catalog_database b
      WHERE catalog_exact_key(b.name) = given.database AND b.tombstoned_at IS NULL)
    LIMIT {MAX_FOUND}) AS named
  UNION ALL SELECT 3, named.id FROM given CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
    WHERE catalog_exact_key(t.name) = given.name AND {_LIVE} LIMIT {MAX_FOUND}) AS named
  UNION ALL SELECT one.place::integer, stored.id FROM unnest(%(folders)s::text[]) WITH ORDINALITY AS one(folder, place)
    CROSS JOIN LATERAL (SELECT t.id FROM catalog_table t
      WHERE rtrim(t.location, '/') = one.folder AND {_LIVE} AND t.location <> '' LIMIT {MAX_FOUND}) AS stored
  UNION ALL SELECT 1, t.id FROM identity_account a
    JOIN identity_connectedcatalog k ON k.account_id = a.id AND k.region = %(region)s
    JOIN catalog_database b ON b.catalog_id = k.id AND b.name = %(arn_database)s AND b.tombstoned_at IS NULL
    JOIN catalog_table t ON t.database_id = b.id AND {_LIVE} AND (%(arn_table)s::text IS NULL OR t.name = %(arn_table)s)
    WHERE a.account_id = %(account)s
  UNION ALL SELECT 1, %(id)s::bigint WHERE %(id)s::bigint IS NOT NULL
), products AS (
  SELECT 1 AS place, p.id FROM catalog_dataproduct p, given WHERE catalog_exact_key(p.name) = given.name
  UNION ALL SELECT 2, p.id FROM catalog_dataproduct p, given WHERE catalog_exact_key(p.slug) = given.name
  UNION ALL SELECT 1, p.id FROM catalog_dataproduct p WHERE p.slug = %(slug)s
  UNION ALL SELECT 4, p.id FROM given JOIN identity_person o ON catalog_exact_key(o.name) = given.name
    JOIN catalog_dataproduct p ON p.owner_id = o.id
  UNION ALL SELECT 4, p.id FROM identity_person o JOIN catalog_dataproduct p ON p.owner_id = o.id WHERE o.email = %(email)s
  UNION ALL SELECT 5, p.id FROM given JOIN identity_team g ON catalog_exact_key(g.name) = given.name
    JOIN catalog_domain d ON d.owner_team_id = g.id JOIN catalog_dataproduct p ON p.domain_id = d.id
), found AS (
  SELECT place, id FROM tables UNION ALL SELECT place, -id FROM products
  UNION ALL SELECT tables.place, -l.product_id FROM tables JOIN catalog_producttable l ON l.table_id = tables.id
)
SELECT d.id FROM (SELECT id, min(place) AS place FROM found GROUP BY id) AS one
JOIN catalog_document d ON d.id = one.id AND {VISIBLE_DOCUMENT}
ORDER BY one.place, d.id > 0, d.name, d.id LIMIT {MAX_FOUND}"""  # noqa: S608
STATEMENT = " ".join(_STATEMENT.split())


def find_exact(text: str, person: Person) -> tuple[int, ...]:
    """Ids of documents, as in `Document`, that the person may find and the text names; the most exact first, products before tables.

    One query; none for a text that cannot be a name. A table in a product is found as its product.
    """
    parameters = build_exact_parameters(text, person)
    if parameters is None:
        return ()
    with prepared_cursor() as cursor:
        cursor.execute(STATEMENT, parameters)
        return tuple(pk for (pk,) in cursor.fetchall())


def build_exact_parameters(text: str, person: Person) -> dict[str, Any] | None:
    """For `STATEMENT`; None if the text cannot be a name. For people from outside addresses in AWS name nothing."""
    bare = text[:MAX_TEXT].strip().strip(_QUOTES).strip()
    words = bare.split()
    if not words or len(words) > MAX_WORDS or not any(map(str.isalnum, bare)):
        return None
    parameters: dict[str, Any] = dict.fromkeys(
        ("name", "database", "table", "region", "account", "arn_database", "arn_table", "id", "slug", "email")
    )
    parameters |= {"folders": [], "name": bare, "person": person.pk}
    if len(words) == 1:
        parameters |= dict(_build_single_word_parameters(bare))
    if person.is_external:
        parameters |= {"folders": [], "account": None}
    return parameters


def _build_single_word_parameters(text: str) -> Iterator[tuple[str, Any]]:
    if address := _ADDRESS.fullmatch(text):
        parts = address.group(1).removesuffix("*").strip("/").split("/")[:MAX_FOLDERS]
        yield from (
            ("name", None),
            ("folders", [f"s3://{'/'.join(parts[:end])}" for end in range(len(parts), 0, -1)]),
        )
    elif arn := _GLUE_ARN.fullmatch(text):
        names = ("region", "account", "arn_database", "arn_table")
        yield from (("name", None), *zip(names, arn.groups(), strict=True))
    elif page := _PRODUCT_PAGE.fullmatch(text):
        yield from (("name", None), ("slug", page.group(1)))
    elif number := _TABLE_ID.fullmatch(text):
        yield "id", None if _YEAR.fullmatch(text) else int(number.group(1))
    elif qualified := _QUALIFIED.fullmatch(text.translate(str.maketrans("", "", _QUOTES))):
        yield from zip(("database", "table"), qualified.groups(), strict=True)
    elif "@" in text:
        yield "email", text.lower()
