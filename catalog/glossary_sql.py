"""What a search asks of the vectors, with the synonyms of the glossary's terms; and what the terms are linked with."""

from collections.abc import Sequence
from typing import Any

from catalog.glossary import MOST_LONGER, SpokenTerm

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
