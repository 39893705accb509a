"""The tree of domains and products, or of catalogs, databases and tables. Only open nodes are read."""

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

DEFAULT_LIMIT = 100
MAX_LIMIT = 1000
MAX_OPEN_NODES = 50


@dataclass(frozen=True)
class TreeState:
    """The state in the page's URL: grouping, open nodes, and the number of leaves shown for a node."""

    grouping: str = "domain"
    open_keys: frozenset[str] = frozenset()
    limit: int = DEFAULT_LIMIT

    @classmethod
    def from_parameters(cls, by: str, parameters: Mapping[str, Sequence[str]]) -> "TreeState":
        """`by` is "domain" or "catalog"; `parameters` are lists of values by name, of which invalid ones are ignored."""
        most = (parameters.get("most") or ("",))[0]
        known = (
            int(most)
            if most.isascii() and most.isdigit() and len(most) < len(str(MAX_LIMIT)) + 1
            else DEFAULT_LIMIT
        )
        said = (key.replace("\x00", "") for key in parameters.get("open", ())[:MAX_OPEN_NODES])
        return cls(by, frozenset(said), max(DEFAULT_LIMIT, min(known, MAX_LIMIT)))

    def to_querystring(self) -> str:
        """The shortest query string for this state."""
        pairs = [("open", key) for key in sorted(self.open_keys)]
        return urlencode(pairs + ([("most", str(self.limit))] if self.limit != DEFAULT_LIMIT else []))

    def toggle(self, key: str) -> "TreeState":
        """The state with this node opened, or closed together with its descendants."""
        if key in self.open_keys:
            return replace(
                self,
                open_keys=frozenset(open_key for open_key in self.open_keys if not _is_inside(open_key, key)),
            )
        return replace(self, open_keys=self.open_keys | {key})


@dataclass(frozen=True)
class TreeNode:
    """`kind` is domain, product, catalog, database or table. A leaf has the `slug` or `pk` of its page.

    `count`: leaves in it; `querystring` leads to the tree with it opened or closed, and `more_querystring` to
    the tree with more of its leaves, or is empty. `hidden_count` leaves are not shown.
    """

    kind: str
    label: str
    key: str = ""
    count: int = 0
    is_open: bool = False
    querystring: str = ""
    slug: str = ""
    pk: int = 0
    children: tuple["TreeNode", ...] = ()
    hidden_count: int = 0
    more_querystring: str = ""


def build_tree(person: Person, state: TreeState) -> tuple[TreeNode, ...]:
    """What the person may see, without empty nodes. At most three queries."""
    if state.grouping == "domain":
        return _build_domains(person, state)
    live = visible_tables(person).filter(tombstoned_at=None, database__tombstoned_at=None)
    counted = live.values_list("database__catalog__short_name").annotate(held=Count("pk"))
    inside = _build_databases(live, state)
    return tuple(
        _build_branch(state, "catalog", name, name, held, inside[name])
        for name, held in counted.order_by("database__catalog__short_name")
    )


def _build_domains(person: Person, place: TreeState) -> tuple[TreeNode, ...]:
    shown = visible_products(person)
    counted = shown.values_list("domain__slug", "domain__name").annotate(held=Count("pk", distinct=True))
    leaves = defaultdict(list)
    for product in _get_first_of_each(shown.filter(domain__slug__in=place.open_keys), "domain", place.limit):
        leaves[product.domain.slug].append(TreeNode("product", product.name, slug=product.slug))
    return tuple(
        _build_branch(place, "domain", slug, name, held, leaves[slug])
        for slug, name, held in counted.order_by(Lower("domain__name"))
    )


def _build_databases(live: QuerySet[Table], place: TreeState) -> dict[str, list[TreeNode]]:
    """The databases of the open catalogs, by catalog."""
    opened = live.filter(database__catalog__short_name__in=place.open_keys)
    counted = opened.values_list("database__catalog__short_name", "database__name", "database_id")
    rows = list(counted.annotate(held=Count("pk")).order_by(Lower("database__name"), "database_id"))
    leaves: dict[int, list[TreeNode]] = defaultdict(list)
    wanted = [pk for catalog, name, pk, _held in rows if f"{catalog}/{name}" in place.open_keys]
    for table in (
        _get_first_of_each(live.filter(database__in=wanted), "database", place.limit) if wanted else ()
    ):
        leaves[table.database_id].append(TreeNode("table", table.name, pk=table.pk))
    found: dict[str, list[TreeNode]] = defaultdict(list)
    for catalog, name, pk, held in rows:
        found[catalog].append(_build_branch(place, "database", f"{catalog}/{name}", name, held, leaves[pk]))
    return found


def _build_branch(  # noqa: PLR0917 - the parts of a node, in its order
    place: TreeState, kind: str, key: str, label: str, count: int, children: Iterable[TreeNode]
) -> TreeNode:
    is_open, inside = key in place.open_keys, tuple(children)
    cut = count - len(inside) if is_open and kind != "catalog" else 0
    return TreeNode(
        kind=kind,
        label=label,
        key=key,
        count=count,
        is_open=is_open,
        querystring=place.toggle(key).to_querystring(),
        children=inside if is_open else (),
        hidden_count=cut,
        more_querystring=replace(place, limit=min(MAX_LIMIT, place.limit * 4)).to_querystring()
        if cut and place.limit < MAX_LIMIT
        else "",
    )


def _get_first_of_each(rows: "QuerySet[Any]", within: str, most: int) -> Iterable[Any]:
    """The first rows by name in each group."""
    number = Window(RowNumber(), partition_by=F(within), order_by=[Lower("name"), "pk"])
    related = rows.select_related(within).only("name", *_LOADED_FIELDS[rows.model])
    found: QuerySet[Any] = related.annotate(number=number).filter(number__lte=most)
    return found.order_by(Lower("name"), "pk")


_LOADED_FIELDS: dict[Any, tuple[str, ...]] = {
    DataProduct: ("slug", "domain__slug"),
    Table: ("database__name",),
}


def _is_inside(key: str, other: str) -> bool:
    return key == other or key.startswith(f"{other}/")
