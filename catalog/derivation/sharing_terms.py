"""Whether data of one product may be passed on in another one. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog.derivation.floor import Graph
from catalog.products.states import SharingTerms

BLOCKING = (SharingTerms.WITH_APPROVAL, SharingTerms.FORBIDDEN)


@dataclass(frozen=True)
class UpstreamProduct:
    """`tables` are those of it from which the other product is made; none if its owner only says so."""

    pk: int
    team: int
    passing_on: str
    tables: tuple[int, ...] = ()


def find_upstream_products(
    graph: Graph,
    tables: Collection[int],
    products: Mapping[int, Collection[UpstreamProduct]],
    declared: Mapping[int, UpstreamProduct],
) -> list[UpstreamProduct]:
    """The nearest ones upstream of the tables, and those that the owner declares. `products` are the others by table. Of the
    products that have a table in common, those that are declared count, if any.
    """
    found: dict[int, set[int]] = {pk: set() for pk in declared}
    known = dict(declared)
    seen = {-pk for pk in tables}
    waiting = sorted(seen)
    while waiting:
        for source in sorted(graph.sources.get(waiting.pop(), ())):
            if source in seen:
                continue
            seen.add(source)
            here = products.get(-source, ())
            chosen = [one for one in here if one.pk in declared] or here
            for one in chosen:
                known.setdefault(one.pk, one)
                found.setdefault(one.pk, set()).add(-source)
            if not chosen:
                waiting.append(source)
    return [
        UpstreamProduct(pk, known[pk].team, known[pk].passing_on, tuple(sorted(found[pk])))
        for pk in sorted(found)
    ]
