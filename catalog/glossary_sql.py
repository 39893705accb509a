"""What a search asks of the vectors, with the synonyms of the glossary's terms; and what the terms are linked with."""

from collections.abc import Sequence
from typing import Any

from catalog.glossary import SpokenTerm

_ASKED = """asked AS MATERIALIZED (
  SELECT CASE WHEN %(last)s = '' THEN {full} ELSE {full} || ({head} && to_tsquery('simple', %(last)s)) END AS q
)"""
# All words of the term, wherever they stand, are its name; of a synonym they stand side by side.
_REWRITTEN = "ts_rewrite({query}, plainto_tsquery('english', %({said})s), {instead})"


def asked_as(spoken: Sequence[SpokenTerm]) -> str:
    """The common table `asked` with one row and one column, `q`."""
    full, head = (f"websearch_to_tsquery('english', %({name})s)" for name in ("full", "head"))
    for at, term in enumerate(spoken):
        for name in range(len(term.said)):
            instead = _instead(at, name, term)
            full = _REWRITTEN.format(query=full, said=f"said_{at}_{name}", instead=instead)
            head = _REWRITTEN.format(query=head, said=f"said_{at}_{name}", instead=instead)
    return _ASKED.format(full=full, head=head)


def matches(row: str, spoken: Sequence[SpokenTerm]) -> str:
    """The condition on a product `p` or a table `t`: it holds the words, or a term that was said is linked with it."""
    ids = "linked_products" if row == "p" else "linked_tables"
    if not any(term.products if row == "p" else term.tables for term in spoken):
        return f"{row}.search @@ asked.q"
    return f"({row}.search @@ asked.q OR {row}.id = ANY(%({ids})s))"


def term_parameters(spoken: Sequence[SpokenTerm]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "linked_products": sorted({pk for term in spoken for pk in term.products}),
        "linked_tables": sorted({pk for term in spoken for pk in term.tables}),
    }
    for at, term in enumerate(spoken):
        given |= {f"said_{at}_{name}": said for name, said in enumerate(term.said)}
        given |= {f"other_{at}_{name}": said for name, said in enumerate(term.others)}
    return given


def _instead(at: int, name: int, term: SpokenTerm) -> str:
    others = [f"phraseto_tsquery('english', %(other_{at}_{number})s)" for number in range(len(term.others))]
    return " || ".join([f"plainto_tsquery('english', %(said_{at}_{name})s)", *others])
