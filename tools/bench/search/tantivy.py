"""The peer of the search: tantivy, with the same tables, words, facets and rights, in a Python of its own."""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import zip_longest
from typing import Any

from tools.bench.search.corpus import (
    CLASSIFICATIONS,
    DOMAINS,
    FACETS,
    FORMATS,
    LINES,
    REGIONS,
    TIERS,
    CorpusTable,
    build_queries,
    generate_corpus,
)
from tools.bench.search.timing_loop import serve, write_answer

TEXT_FIELDS = ("name", "written", "parts")
BOOSTS = {"name": 4.0, "written": 2.0}
FACET_VALUES = {
    "domain": DOMAINS,
    "region": REGIONS,
    "format": FORMATS,
    "tier": TIERS,
    "classification": CLASSIFICATIONS,
    "line": LINES,
}
OTHER_FACETS = ("held", "kind", "team", "producer")
"""Facets of a search beside those of the corpus, of one value each."""
AGE_HOURS, TEAM_COUNTS = (30 * 24, 7 * 24, 24), (1, 3, 10)
TEAMS = 6
"""Owner teams of the domains, as `tools.bench.search.meshmarket` makes them."""
STORED_FIELDS = ("number", "name", "kind", "held", "teams", "classification")
"""Of each hit: what our answer says of one, too."""
PAGE_SIZE, COMPLETION_SIZE, WRITER_BYTES = 20, 10, 256 << 20


class TantivyIndex:
    """An index in a folder; every question is filtered to what everyone may see."""

    def __init__(self, folder: str) -> None:
        self._tantivy: Any = import_module("tantivy")
        builder = self._tantivy.SchemaBuilder()
        for field in TEXT_FIELDS:
            builder.add_text_field(field, stored=field == "name", tokenizer_name="en_stem")
        builder.add_unsigned_field("shown", indexed=True, fast=True)
        builder.add_unsigned_field("newest", fast=True)
        for field in ("number", "updated"):
            builder.add_unsigned_field(field, stored=True, fast=True)
        for facet in (*FACETS, *OTHER_FACETS, "teams"):
            builder.add_unsigned_field(facet, stored=facet in STORED_FIELDS, fast=True)
        self._schema = builder.build()
        self._index = self._tantivy.Index(self._schema, folder)
        self._counts = _build_aggregations()

    def fill(self, documents: Iterator[tuple[bool, list[CorpusTable]]]) -> None:
        writer = self._index.writer(WRITER_BYTES, 2)
        for number, (shown, of) in enumerate(documents):
            writer.add_document(self._build_document(number, of, shown=shown))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._shown = self._tantivy.Query.term_query(self._schema, "shown", 1)

    def page(self, text: str) -> object:
        """Twenty hits with their ids, how many there are, and the counts of the facets: what ours answers, too."""
        asked = self._parse_query(text)
        found = self._searcher.search(asked, PAGE_SIZE, count=True)
        return found.count, self._read_hits(found), self._searcher.aggregate(asked, self._counts)

    def browse(self, _text: str) -> object:
        found = self._searcher.search(self._shown, PAGE_SIZE, count=True, order_by_field="newest")
        return found.count, self._read_hits(found), self._searcher.aggregate(self._shown, self._counts)

    def _read_hits(self, found: Any) -> list[tuple[Any, ...]]:
        """An address is of no use to who asks: a hit is told by its fields."""
        documents = (self._searcher.doc(address) for _, address in found.hits)
        return [tuple(document.get_first(field) for field in STORED_FIELDS) for document in documents]

    def letter(self, text: str) -> object:
        begins = self._tantivy.Query.regex_query(self._schema, "name", f"{text}.*")
        return self._searcher.search(self._filter_shown(begins), COMPLETION_SIZE).hits

    def right(self, text: str) -> object:
        return self._searcher.search(self._parse_query(text), PAGE_SIZE).hits

    def misspelt(self, text: str) -> object:
        near = self._tantivy.Query.fuzzy_term_query(self._schema, "name", text, 2)
        return self._searcher.search(self._filter_shown(near), PAGE_SIZE).hits

    def _parse_query(self, text: str) -> Any:
        return self._filter_shown(
            self._index.parse_query(text, list(TEXT_FIELDS), field_boosts=BOOSTS, conjunction_by_default=True)
        )

    def _filter_shown(self, asked: Any) -> Any:
        must, filtered = self._tantivy.Occur.Must, self._tantivy.Query.const_score_query(self._shown, 0.0)
        return self._tantivy.Query.boolean_query([(must, asked), (must, filtered)])

    def _build_document(self, number: int, of: list[CorpusTable], *, shown: bool) -> Any:
        texts = zip(*(corpus_table.get_texts() for corpus_table in of), strict=True)
        said = {field: [" ".join(parts)] for field, parts in zip(TEXT_FIELDS, texts, strict=True)}
        document = self._tantivy.Document(**said)
        numbers = {
            "shown": int(shown), "held": int(any(corpus_table.is_readable for corpus_table in of)), "newest": number, "number": of[0].number,
            "updated": of[0].answer["UpdateTime"], "teams": 0, "kind": int(bool(of[0].product)), "producer": 0,
            "team": DOMAINS.index(of[0].domain) % TEAMS,
        }  # fmt: skip
        for field, value in numbers.items():
            document.add_unsigned(field, value)
        for facet, values in FACET_VALUES.items():
            for at in {values.index(_get_facet_value(corpus_table, facet)) for corpus_table in of}:
                document.add_unsigned(facet, at)
        return document


def _build_aggregations() -> dict[str, Any]:
    """Builds the facets that ours counts, too: those by value, and two by ranges."""
    terms = {facet: {"terms": {"field": facet, "size": 60}} for facet in (*FACETS, *OTHER_FACETS)}
    ages = _ranges([int(time.time()) - hours * 3600 for hours in AGE_HOURS])
    return {
        **terms,
        "fresh": {"range": {"field": "updated", "ranges": ages}},
        "used": {"range": {"field": "teams", "ranges": _ranges(TEAM_COUNTS)}},
    }


def _ranges(bounds: Sequence[int]) -> list[dict[str, float]]:
    """From each bound to the next: they must not overlap."""
    return [
        {"from": float(start)} if end is None else {"from": float(start), "to": float(end)}
        for start, end in zip_longest(bounds, bounds[1:])
    ]


def _get_facet_value(of: CorpusTable, facet: str) -> str:
    tag = {"classification": "confidentiality", "tier": "tier", "line": "line"}.get(facet)
    return of.tags[tag] if tag else str(getattr(of, facet))


def _generate_documents(count: int, seed: int) -> Iterator[tuple[bool, list[CorpusTable]]]:
    """A product is one document, made of its tables."""
    products: dict[str, list[CorpusTable]] = defaultdict(list)
    for table in generate_corpus(count, seed):
        if table.product:
            products[table.product].append(table)
        else:
            yield not table.is_hidden, [table]
    yield from ((True, of) for of in products.values())


def main(count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mm-bench-peer-") as folder:
        peer = TantivyIndex(folder)
        peer.fill(_generate_documents(count, seed))
        write_answer(ready=True)
        answers = {
            "page": peer.page,
            "frequent": peer.page,
            "browse": peer.browse,
            "letter": peer.letter,
            "right": peer.right,
            "misspelt": peer.misspelt,
        }
        serve(answers, build_queries(seed), {})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
