"""How much of what could be told of a product or table is told. Pure."""

from collections.abc import Iterable


def completeness_of(said: Iterable[str], parts: Iterable[str]) -> int:
    """0 to 100: each of `said` counts as much as the share of `parts` that have a text.

    Of a product `said` is summary, description, keywords and refresh, `parts` its tables' descriptions and columns'
    comments; of a table description and owner, and its columns' comments.
    """
    told, described = list(map(bool, said)), list(map(bool, parts))
    share = sum(described) / len(described) if described else 0
    return round(100 * (sum(told) + share) / (len(told) + 1))
