"""The catalog as a tree: domains and their products, or catalogs, databases and tables; only what is open is read."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import Lower, RowNumber

from catalog.mirror.models import Table
from catalog.products.may import visible_products, visible_tables
from catalog.products.models import DataProduct
from identity.people.models import Person

KINDS = ("domain", "catalog")
A_FEW = 100
MOST = 1000
MOST_OPEN = 50


@dataclass(frozen=True)
class TreePlace:
    """Which tree, which of its nodes are open, and how many leaves a node shows: all of it is the address."""

    by: str = "domain"
    open: frozenset[str] = frozenset()
    most: int = A_FEW

    @classmethod
    def from_parameters(cls, by: str, parameters: Mapping[str, Sequence[str]]) -> "TreePlace":
        """`by` is one of KINDS; the rest from lists of values by name, without what makes no sense."""
        most = (parameters.get("most") or ("",))[0]
        known = int(most) if most.isascii() and most.isdigit() and len(most) < len(str(MOST)) + 1 else A_FEW
        said = (key.replace("\x00", "") for key in parameters.get("open", ())[:MOST_OPEN])
        return cls(by, frozenset(said), max(A_FEW, min(known, MOST)))

    def to_querystring(self) -> str:
        """The shortest part after the question mark that means this place."""
        pairs = [("open", key) for key in sorted(self.open)]
        return urlencode(pairs + ([("most", str(self.most))] if self.most != A_FEW else []))

    def toggled(self, key: str) -> "TreePlace":
        """With this node opened, or closed together with all that lies in it."""
        if key in self.open:
            return replace(self, open=frozenset(each for each in self.open if not _lies_in(each, key)))
        return replace(self, open=self.open | {key})


@dataclass(frozen=True)
class Node:
    """`kind` is domain, product, catalog, database or table. A leaf has the `slug` or `pk` of its page.

    `count` is how many leaves lie in it, `querystring` leads to the tree with it opened or closed, and `more` to
    the tree with more of its leaves, or is empty. `cut` is how many leaves are not shown.
    """

    kind: str
    label: str
    key: str = ""
    count: int = 0
    is_open: bool = False
    querystring: str = ""
    slug: str = ""
    pk: int = 0
    children: tuple["Node", ...] = ()
    cut: int = 0
    more: str = ""


def tree(person: Person, place: TreePlace) -> tuple[Node, ...]:
    """What the person may see; what holds nothing for them is not there. Three queries at most."""
    return _domains(person, place) if place.by == "domain" else _catalogs(person, place)


def _domains(person: Person, place: TreePlace) -> tuple[Node, ...]:
    shown = visible_products(person)
    counted = shown.values_list("domain__slug", "domain__name").annotate(held=Count("pk", distinct=True))
    leaves = defaultdict(list)
    for product in _first(shown.filter(domain__slug__in=place.open), "domain", place.most):
        leaves[product.domain.slug].append(Node("product", product.name, slug=product.slug))
    return tuple(
        _branch(place, "domain", slug, name, held, leaves[slug])
        for slug, name, held in counted.order_by(Lower("domain__name"))
    )


def _catalogs(person: Person, place: TreePlace) -> tuple[Node, ...]:
    live = visible_tables(person).filter(tombstoned_at=None, database__tombstoned_at=None)
    counted = live.values_list("database__catalog__short_name").annotate(held=Count("pk"))
    inside = _databases(live, place)
    return tuple(
        _branch(place, "catalog", name, name, held, inside[name])
        for name, held in counted.order_by("database__catalog__short_name")
    )


def _databases(live: QuerySet[Table], place: TreePlace) -> dict[str, list[Node]]:
    """The databases of the open catalogs, by catalog."""
    opened = live.filter(database__catalog__short_name__in=place.open)
    counted = opened.values_list("database__catalog__short_name", "database__name", "database_id")
    rows = list(counted.annotate(held=Count("pk")).order_by(Lower("database__name"), "database_id"))
    leaves: dict[int, list[Node]] = defaultdict(list)
    wanted = [pk for catalog, name, pk, _held in rows if f"{catalog}/{name}" in place.open]
    for table in _first(live.filter(database__in=wanted), "database", place.most) if wanted else ():
        leaves[table.database_id].append(Node("table", table.name, pk=table.pk))
    found: dict[str, list[Node]] = defaultdict(list)
    for catalog, name, pk, held in rows:
        found[catalog].append(_branch(place, "database", f"{catalog}/{name}", name, held, leaves[pk]))
    return found


def _branch(  # noqa: PLR0917 - the parts of a node, in its order
    place: TreePlace, kind: str, key: str, label: str, count: int, children: Iterable[Node]
) -> Node:
    is_open, inside = key in place.open, tuple(children)
    cut = count - len(inside) if is_open and kind != "catalog" else 0
    return Node(
        kind=kind,
        label=label,
        key=key,
        count=count,
        is_open=is_open,
        querystring=place.toggled(key).to_querystring(),
        children=inside if is_open else (),
        cut=cut,
        more=replace(place, most=min(MOST, place.most * 4)).to_querystring()
        if cut and place.most < MOST
        else "",
    )


def _first(rows: "QuerySet[Any]", within: str, most: int) -> Iterable[Any]:
    """The first `most` by name within each."""
    number = Window(RowNumber(), partition_by=F(within), order_by=[Lower("name"), "pk"])
    related = rows.select_related(within).only("name", *_FIELDS[rows.model])
    found: QuerySet[Any] = related.annotate(number=number).filter(number__lte=most)
    return found.order_by(Lower("name"), "pk")


_FIELDS: dict[Any, tuple[str, ...]] = {
    DataProduct: ("slug", "domain__slug"),
    Table: ("database__name",),
}


def _lies_in(key: str, other: str) -> bool:
    return key == other or key.startswith(f"{other}/")
