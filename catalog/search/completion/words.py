"""Completes a word: the likeliest first, and of several forms of one stem the most frequent."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from catalog.search.index.models import VISIBLE_DOCUMENT
from catalog.search.index.vocabulary import IS_VISIBLE, LAST_CHARACTER
from kernel.sql import prepared_cursor

MAX_WORDS = 6
MAX_CANDIDATES = 40
MAX_COMPARED = 16
"""Documents in which the forms of a stem are compared."""
MAX_EXACT = 200
"""Documents of a stem above which one form is chosen by the counts."""

_STEM = "coalesce((ts_lexize('english_stem', {word}))[1], {word})"
# Together with the words before it, so that each suggestion finds something.
_QUERY = """websearch_to_tsquery('english', %(head)s) && to_tsquery('simple', {query}) && CASE
  WHEN %(phrase)s::text = '' THEN ''::tsquery ELSE phraseto_tsquery('english', %(phrase)s || ' ' || {word}) END"""
# How frequent several words are together is unknown.
_DOCUMENTS = "CASE WHEN %(head)s::text = '' AND %(phrase)s::text = '' THEN known.documents ELSE 0 END"
# A document contains the stem of each of its words, so the count of a stem includes its other forms.
_FORMS = f"""CASE WHEN documents <= {MAX_EXACT} OR cardinality(words) = 1 THEN words
  WHEN others + most_of_others <= documents THEN ARRAY[stem] ELSE (array_remove(words, stem))[1:1] END"""
WORD_CANDIDATES = f"""
SELECT 'word', known.forms[1], known.stem, 0, known.documents, known.forms FROM (
  SELECT stem, documents, words[1] AS first, {_FORMS} AS forms FROM (
    SELECT stem, max(documents) AS documents, array_agg(word ORDER BY documents DESC, word) AS words,
      sum(documents) FILTER (WHERE word <> stem) AS others, max(documents) FILTER (WHERE word <> stem) AS most_of_others
  FROM (SELECT word, documents, {_STEM.format(word="word")} AS stem FROM (
    SELECT word, documents FROM catalog_indexedword WHERE word ~>=~ %(last)s AND word ~<~ %(end)s AND word <> %(last)s
    ORDER BY documents DESC, word LIMIT {MAX_CANDIDATES}) AS likeliest OFFSET 0) AS candidate
  WHERE stem <> ALL(ARRAY(SELECT {_STEM.format(word="word")} FROM unnest(%(before)s::text[]) AS word))
    GROUP BY stem) AS stem ORDER BY documents DESC, first LIMIT {MAX_CANDIDATES}) AS known
CROSS JOIN LATERAL (SELECT CASE WHEN cardinality(forms) > 1 AND stem = ANY(forms) THEN quote_literal(stem)
  ELSE '''' || array_to_string(forms, ''' | ''') || '''' END AS query) AS any_form
CROSS JOIN LATERAL (SELECT {_QUERY.format(query="any_form.query", word="known.forms[1]")} AS q OFFSET 0) AS parsed
WHERE {IS_VISIBLE.format(documents=_DOCUMENTS, q="parsed.q")}
ORDER BY known.documents DESC, known.first LIMIT {MAX_WORDS}"""  # noqa: S608

# Of equally frequent forms the one that is in more names.
_MOST_FREQUENT_FORMS = f"""
SELECT DISTINCT ON (stem.stem) stem.stem, form.word
FROM unnest(%(stems)s::text[], %(queries)s::text[], %(words)s::text[]) AS stem(stem, query, word)
CROSS JOIN LATERAL (SELECT {_QUERY.format(query="stem.query", word="stem.word")} AS q OFFSET 0) AS parsed
CROSS JOIN LATERAL (SELECT (ARRAY(SELECT d.id FROM catalog_document d
  WHERE {VISIBLE_DOCUMENT} AND d.search @@ parsed.q))[1:{MAX_COMPARED}] AS ids OFFSET 0) AS compared
JOIN unnest(%(form_stems)s::text[], %(forms)s::text[], %(form_queries)s::text[])
  WITH ORDINALITY AS form(stem, word, query, place) ON form.stem = stem.stem
CROSS JOIN LATERAL (SELECT to_tsquery('simple', form.query) AS q OFFSET 0) AS parsed_form
JOIN catalog_document d ON d.id = ANY(compared.ids) AND ts_match_vq(d.search, parsed_form.q)
GROUP BY stem.stem, form.word
ORDER BY stem.stem, count(*) DESC, count(*) FILTER (WHERE ts_match_vq(d.names, parsed_form.q)) DESC, min(form.place)"""  # noqa: S608


class WordCandidate(NamedTuple):
    """`forms` of one stem, the most frequent first; something visible contains one of them."""

    stem: str
    forms: Sequence[str]

    @property
    def query(self) -> str:
        """Of what contains any of the forms."""
        return " | ".join(f"'{form}'" for form in ([self.stem] if self.stem in self.forms else self.forms))

    def form_query(self, form: str) -> str:
        """The stem is a word of its own where no other form is at the same position."""
        if form != self.stem:
            return f"'{form}'"
        others = [each for each in (*self.forms, f"{form[:-1]}y") if each != form]
        return " <0> !".join(f"'{each}'" for each in (form, *others))


def choose_words(
    candidates: Iterable[WordCandidate], head: str, phrase: str, person: int | None
) -> list[str]:
    """A form of each candidate that a visible document contains. One query if one of them has several."""
    ordered = list(candidates)
    many = [each for each in ordered if len(each.forms) > 1]
    chosen = {each.stem: each.forms[0] for each in ordered if len(each.forms) == 1}
    if many:
        forms = [(each.stem, form, each.form_query(form)) for each in many for form in each.forms]
        parameters: dict[str, str | list[str] | int | None] = {
            "person": person,
            "head": head,
            "phrase": phrase,
            "stems": [each.stem for each in many],
            "queries": [each.query for each in many],
            "words": [each.forms[0] for each in many],
            "form_stems": [stem for stem, _, _ in forms],
            "forms": [form for _, form, _ in forms],
            "form_queries": [query for _, _, query in forms],
        }
        with prepared_cursor() as cursor:
            cursor.execute(_MOST_FREQUENT_FORMS, parameters)
            chosen |= dict(cursor.fetchall())
    return [chosen[each.stem] for each in ordered if each.stem in chosen]


def end_of(prefix: str) -> str:
    """Sorted after every word that starts so."""
    return f"{prefix}{LAST_CHARACTER}"
