"""Who asks for which page: a few of them often and many seldom, each the oftener the nearer to the front (Zipf's law)."""

import random
from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import urlencode

from django.urls import reverse

from tools.bench.search.corpus import DOMAINS, build_queries, generate_corpus

PageRequest = tuple[str, str]
"""An address, and the key of a person's session."""
INBOX_FILTERS = {
    "whose": ("teams", ""),
    "classification": ("", "sensitive", "private"),
    "order": ("", "oldest"),
    "domain": ("", *DOMAINS[:6]),
    "days": ("", "7"),
}
BROWSE_FILTERS = {
    "sort": ("", "name"),
    "classification": ("", "public", "sensitive"),
    "domain": ("", *DOMAINS[:6]),
}


def list_addresses(tables: int, seed: int) -> dict[str, list[str]]:
    """By kind of page, from what is asked for most to what is asked for least."""
    asked = build_queries(seed)
    held = dict.fromkeys(table.product for table in generate_corpus(tables, seed))
    typed = [text for pair in zip(asked["frequent"], asked["page"], strict=True) for text in pair]
    return {
        "the inbox": [f"{reverse('reviews')}?{narrowed}" for narrowed in _list_filter_queries(INBOX_FILTERS)],
        "the search": [f"{reverse('search')}?{urlencode({'q': text})}" for text in dict.fromkeys(typed)],
        "browsing": [f"{reverse('search')}?{narrowed}" for narrowed in _list_filter_queries(BROWSE_FILTERS)],
        "a data product": [reverse("data-product", args=[slug]) for slug in held if slug],
    }


def _list_filter_queries(filters: dict[str, tuple[str, ...]]) -> list[str]:
    """Every choice of the filters, those with the fewest first."""
    chosen = [dict(zip(filters, values, strict=True)) for values in product(*filters.values())]
    said = [{name: value for name, value in one.items() if value} for one in chosen]
    return [urlencode(one) for one in sorted(said, key=len)]


def generate_random_requests(
    places: Sequence[str], sessions: Sequence[str], seed: int
) -> Iterator[PageRequest]:
    """Without end: most come again and again."""
    lots = random.Random(seed)
    while True:
        yield _pick_weighted(places, lots), _pick_weighted(sessions, lots)


def list_all_requests(places: Sequence[str], sessions: Sequence[str], seed: int) -> Iterator[PageRequest]:
    """Each address by each person once, in any order: nobody has seen it before."""
    pairs = list(product(places, sessions))
    random.Random(seed).shuffle(pairs)
    return iter(pairs)


def _pick_weighted(some: Sequence[str], lots: random.Random) -> str:
    return lots.choices(some, [1 / rank for rank in range(1, len(some) + 1)])[0]
