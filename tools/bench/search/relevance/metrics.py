"""How good an order of hits is, by the grades that texts have for a query. Needs the standard library alone."""

from collections.abc import Mapping, Sequence
from math import log2

FIRST_HITS = 10
RELEVANT_GRADE = 2
"""From this grade on a text answers the query; grade 1 is a part of an answer."""


def compute_gain(grades: Sequence[int]) -> float:
    """Discounted cumulative gain of the first ten; a grade gains 2^grade - 1."""
    return sum(float(2**grade - 1) / log2(at + 2) for at, grade in enumerate(grades[:FIRST_HITS]))


def compute_ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    best = compute_gain(sorted(grades.values(), reverse=True))
    return compute_gain([grades.get(key, 0) for key in found]) / best


def compute_recall(found: Sequence[str], grades: Mapping[str, int]) -> float | None:
    """The share of the relevant texts that are among the first ten; None when no text is relevant."""
    relevant = {key for key, grade in grades.items() if grade >= RELEVANT_GRADE}
    if not relevant:
        return None
    return len(relevant.intersection(found[:FIRST_HITS])) / min(len(relevant), FIRST_HITS)
