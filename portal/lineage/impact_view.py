"""Who loses what: affected tables with their products and grants."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.lineage.graph import (
    AffectedTable,
    Impact,
    Node,
    count_hidden_neighbours,
    find_impact,
    table_node,
)
from catalog.mirror.models import Table
from catalog.products.may import is_editor, visible_products
from catalog.products.models import DataProduct
from identity.people.may import can_read_everything
from identity.people.models import Person
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.grants.queries import list_visible_grants

MAX_GRANTS = 200


@dataclass(frozen=True)
class AffectedRow:
    """`grants` are those that the person may see; `grant_count` counts all, for whoever answers for the table; else None."""

    affected: AffectedTable
    products: tuple[DataProduct, ...]
    grants: tuple[Grant, ...]
    grant_count: int | None

    @property
    def table(self) -> Table | None:
        return self.affected.node.table


@dataclass(frozen=True)
class ImpactView:
    """`own` are grants on the table itself. `hidden_count` is for whoever answers for the table; else None."""

    impact: Impact
    own: AffectedRow
    certain: tuple[AffectedRow, ...]
    possible: tuple[AffectedRow, ...]
    hidden_count: int | None

    @property
    def own_rows(self) -> tuple[AffectedRow]:
        return (self.own,)

    @property
    def products(self) -> list[DataProduct]:
        """All that are affected, once, by name."""
        found = {product.pk: product for row in (self.own, *self.certain) for product in row.products}
        return sorted(found.values(), key=lambda one: one.name)

    @property
    def grant_count(self) -> int:
        """How many grants the person may see or count."""
        rows = (self.own, *self.certain)
        return sum(len(row.grants) if row.grant_count is None else row.grant_count for row in rows)


def build_impact_view(person: Person, table: Table, column: str) -> ImpactView:
    impact = find_impact(person, table, column)
    own = AffectedTable(
        node=Node(table_node(table.pk), 0, table=table),
        columns=(column,) if column else (),
        loses_all_rows=not column,
    )
    rows = _build_rows(person, [own, *impact.affected], column)
    answers = _answers_for(person, table)
    return ImpactView(
        impact,
        rows[0],
        tuple(row for row in rows[1:] if row.affected.is_certain),
        tuple(row for row in rows[1:] if not row.affected.is_certain),
        count_hidden_neighbours(person, table_node(table.pk)) if answers else None,
    )


def _answers_for(person: Person, table: Table) -> bool:
    domain = table.database.domain
    return can_read_everything(person) or bool(domain and is_editor(person, domain))


def _build_rows(person: Person, affected: Sequence[AffectedTable], column: str) -> list[AffectedRow]:
    """Three queries, whatever their number."""
    tables = {
        affected_table.node.table.pk: affected_table.node.table
        for affected_table in affected
        if affected_table.node.table
    }
    products: dict[int, list[DataProduct]] = defaultdict(list)
    shown = visible_products(person).filter(tables__in=tables, is_published=True).distinct()
    for product in shown.prefetch_related("product_tables").order_by("name"):
        for link in product.product_tables.all():
            products[link.table_id].append(product)
    live = Grant.objects.filter(EFFECTIVE_GRANTS, table__in=tables).select_related("item")
    seen = set(
        list_visible_grants(person).filter(EFFECTIVE_GRANTS, table__in=tables).values_list("pk", flat=True)
    )
    grants: dict[int, list[Grant]] = defaultdict(list)
    for grant in live.select_related("item", "principal__account__team").order_by("pk"):
        grants[grant.table_id].append(grant)
    found = []
    for affected_table in affected:
        table = affected_table.node.table
        all_ = [grant for grant in grants[table.pk] if _loses(grant, affected_table, column)] if table else []
        found.append(
            AffectedRow(
                affected_table,
                tuple(products[table.pk]) if table else (),
                tuple(grant for grant in all_ if grant.pk in seen)[:MAX_GRANTS],
                len(all_) if table and _answers_for(person, table) else None,
            )
        )
    return found


def _loses(grant: Grant, one: AffectedTable, column: str) -> bool:
    """Whether the grant reads a column that goes. Grants of whole tables read all."""
    if not column or one.loses_all_rows or not grant.item.columns:
        return True
    return bool({name.lower() for name in grant.item.columns} & set(one.columns or ()))
