"""Groups of similar tables that a person may see."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from catalog.mesh.extent import list_mesh_tables
from catalog.mesh.models import SchemaComparison, SimilarTable
from catalog.mesh.schema_similarity import compute_similarity
from catalog.mirror.models import Column, Table
from identity.people.models import Person

MAX_GROUPS, MAX_TABLES = 30, 8


@dataclass(frozen=True)
class SimilarGroup:
    """`tables` are the first ones, `total` how many the person sees. `shared` columns are in all that are shown, of
    `columns` different ones; `similarity` is of the two that differ most.
    """

    tables: Sequence[Table]
    total: int
    shared: int
    columns: int
    similarity: float


def get_last_comparison() -> SchemaComparison | None:
    return SchemaComparison.objects.first()


def list_similar_groups(person: Person) -> list[SimilarGroup]:
    """Those of most tables first. Three queries."""
    seen = SimilarTable.objects.filter(table__in=list_mesh_tables(person))
    counted = seen.values("group").annotate(total=Count("pk")).filter(total__gt=1)
    totals = dict(counted.order_by("-total", "group").values_list("group", "total")[:MAX_GROUPS])
    members: dict[int, list[Table]] = defaultdict(list)
    rows = seen.filter(group__in=totals).select_related("table__database__catalog", "table__database__domain")
    for row in rows.order_by("table__name", "table__database__name"):
        if len(members[row.group]) < MAX_TABLES:
            members[row.group].append(row.table)
    tables = [table.pk for tables in members.values() for table in tables]
    columns: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for table, name, data_type in Column.objects.filter(table__in=tables).values_list(
        "table", "name", "type"
    ):
        columns[table].append((name, data_type))
    return [_build_group(members[group], total, columns) for group, total in totals.items()]


def _build_group(
    tables: Sequence[Table], total: int, columns: dict[int, list[tuple[str, str]]]
) -> SimilarGroup:
    counts = Counter(name.lower() for table in tables for name, _type in columns[table.pk])
    first, *others = tables
    return SimilarGroup(
        tables=tables,
        total=total,
        shared=sum(count == len(tables) for count in counts.values()),
        columns=len(counts),
        similarity=min(compute_similarity(columns[first.pk], columns[one.pk]) for one in others),
    )
