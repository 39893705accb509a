"""How complete the description of a product or table is. Pure."""

from collections.abc import Iterable


def completeness_of(texts: Iterable[str], part_texts: Iterable[str]) -> int:
    """0 to 100: each of `texts` counts as much as the share of `part_texts` that are not empty.

    Of a product `texts` are summary, description, keywords and refresh, `part_texts` its tables' descriptions and columns'
    comments; of a table description and owner, and its columns' comments.
    """
    given, described = list(map(bool, texts)), list(map(bool, part_texts))
    share = sum(described) / len(described) if described else 0
    return round(100 * (sum(given) + share) / (len(given) + 1))
