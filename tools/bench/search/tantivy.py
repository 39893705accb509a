"""The peer of the search: tantivy, with the same tables, words, facets and rights, in a Python of its own."""

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import zip_longest
from typing import Any

from tools.bench.search.answer_loop import say, serve
from tools.bench.search.corpus import (
    CLASSIFICATIONS,
    DOMAINS,
    FACETS,
    FORMATS,
    LINES,
    REGIONS,
    TIERS,
    Shelved,
    questions,
    shelved,
)

TEXTS = ("name", "written", "parts")
BOOSTS = {"name": 4.0, "written": 2.0}
VALUES = {
    "domain": DOMAINS,
    "region": REGIONS,
    "format": FORMATS,
    "tier": TIERS,
    "classification": CLASSIFICATIONS,
    "line": LINES,
}
OF_OURS = ("held", "kind", "team", "producer")
"""Facets of a search beside those of the corpus, of one value each."""
HOURS, LEAST = (30 * 24, 7 * 24, 24), (1, 3, 10)
TEAMS = 6
"""Owner teams of the domains, as `tools.bench.search.meshmarket` makes them."""
TOLD = ("number", "name", "kind", "held", "teams", "classification")
"""Of each hit: what our answer says of one, too."""
AT, FEW, MEMORY = 20, 10, 256 << 20


class Tantivy:
    """An index in a folder; every question is filtered to what everyone may see."""

    def __init__(self, folder: str) -> None:
        self._tantivy: Any = import_module("tantivy")
        builder = self._tantivy.SchemaBuilder()
        for field in TEXTS:
            builder.add_text_field(field, stored=field == "name", tokenizer_name="en_stem")
        builder.add_unsigned_field("shown", indexed=True, fast=True)
        builder.add_unsigned_field("newest", fast=True)
        for field in ("number", "updated"):
            builder.add_unsigned_field(field, stored=True, fast=True)
        for facet in (*FACETS, *OF_OURS, "teams"):
            builder.add_unsigned_field(facet, stored=facet in TOLD, fast=True)
        self._schema = builder.build()
        self._index = self._tantivy.Index(self._schema, folder)
        self._counts = _counts()

    def fill(self, documents: Iterator[tuple[bool, list[Shelved]]]) -> None:
        writer = self._index.writer(MEMORY, 2)
        for number, (shown, of) in enumerate(documents):
            writer.add_document(self._document(number, of, shown=shown))
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()
        self._shown = self._tantivy.Query.term_query(self._schema, "shown", 1)

    def page(self, text: str) -> object:
        """Twenty hits with their ids, how many there are, and the counts of the facets: what ours answers, too."""
        asked = self._asked(text)
        found = self._searcher.search(asked, AT, count=True)
        return found.count, self._told(found), self._searcher.aggregate(asked, self._counts)

    def browse(self, _text: str) -> object:
        found = self._searcher.search(self._shown, AT, count=True, order_by_field="newest")
        return found.count, self._told(found), self._searcher.aggregate(self._shown, self._counts)

    def _told(self, found: Any) -> list[tuple[Any, ...]]:
        """An address is of no use to who asks: a hit is told by its fields."""
        documents = (self._searcher.doc(address) for _, address in found.hits)
        return [tuple(document.get_first(field) for field in TOLD) for document in documents]

    def letter(self, text: str) -> object:
        begins = self._tantivy.Query.regex_query(self._schema, "name", f"{text}.*")
        return self._searcher.search(self._among_shown(begins), FEW).hits

    def right(self, text: str) -> object:
        return self._searcher.search(self._asked(text), AT).hits

    def misspelt(self, text: str) -> object:
        near = self._tantivy.Query.fuzzy_term_query(self._schema, "name", text, 2)
        return self._searcher.search(self._among_shown(near), AT).hits

    def _asked(self, text: str) -> Any:
        return self._among_shown(
            self._index.parse_query(text, list(TEXTS), field_boosts=BOOSTS, conjunction_by_default=True)
        )

    def _among_shown(self, asked: Any) -> Any:
        must, filtered = self._tantivy.Occur.Must, self._tantivy.Query.const_score_query(self._shown, 0.0)
        return self._tantivy.Query.boolean_query([(must, asked), (must, filtered)])

    def _document(self, number: int, of: list[Shelved], *, shown: bool) -> Any:
        texts = zip(*(each.texts() for each in of), strict=True)
        said = {field: [" ".join(parts)] for field, parts in zip(TEXTS, texts, strict=True)}
        document = self._tantivy.Document(**said)
        numbers = {
            "shown": int(shown), "held": int(any(each.is_held for each in of)), "newest": number, "number": of[0].number,
            "updated": of[0].answer["UpdateTime"], "teams": 0, "kind": int(bool(of[0].product)), "producer": 0,
            "team": DOMAINS.index(of[0].domain) % TEAMS,
        }  # fmt: skip
        for field, value in numbers.items():
            document.add_unsigned(field, value)
        for facet, values in VALUES.items():
            for at in {values.index(_value(each, facet)) for each in of}:
                document.add_unsigned(facet, at)
        return document


def _counts() -> dict[str, Any]:
    """Of the facets that ours counts, too: those by value, and two by ranges."""
    terms = {facet: {"terms": {"field": facet, "size": 60}} for facet in (*FACETS, *OF_OURS)}
    ages = _ranges([int(time.time()) - hours * 3600 for hours in HOURS])
    return {
        **terms,
        "fresh": {"range": {"field": "updated", "ranges": ages}},
        "used": {"range": {"field": "teams", "ranges": _ranges(LEAST)}},
    }


def _ranges(bounds: Sequence[int]) -> list[dict[str, float]]:
    """From each bound to the next: they must not overlap."""
    return [
        {"from": float(start)} if end is None else {"from": float(start), "to": float(end)}
        for start, end in zip_longest(bounds, bounds[1:])
    ]


def _value(of: Shelved, facet: str) -> str:
    tag = {"classification": "confidentiality", "tier": "tier", "line": "line"}.get(facet)
    return of.tags[tag] if tag else str(getattr(of, facet))


def _documents(count: int, seed: int) -> Iterator[tuple[bool, list[Shelved]]]:
    """A product is one document, made of its tables."""
    products: dict[str, list[Shelved]] = defaultdict(list)
    for table in shelved(count, seed):
        if table.product:
            products[table.product].append(table)
        else:
            yield not table.is_hidden, [table]
    yield from ((True, of) for of in products.values())


def main(count: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="mm-bench-peer-") as folder:
        peer = Tantivy(folder)
        peer.fill(_documents(count, seed))
        say(ready=True)
        answers = {
            "page": peer.page,
            "frequent": peer.page,
            "browse": peer.browse,
            "letter": peer.letter,
            "right": peer.right,
            "misspelt": peer.misspelt,
        }
        serve(answers, questions(seed), {})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
