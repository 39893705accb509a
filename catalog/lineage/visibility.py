"""Datasets that a person's teams reported and that match tables which the person may not see: they look unmatched."""

from collections.abc import Collection, Iterable

from django.db.models import Max, Min, Q, QuerySet

from catalog.lineage.may import build_hidden_match_filter
from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, TableEdge
from catalog.lineage.states import MatchKind
from catalog.products.may import visible_tables
from identity.people.may import get_team_ids
from identity.people.models import Person, Team


def hide_tables(person: Person, datasets: Iterable[LineageDataset]) -> None:
    """Make the rows, which are not to be saved, say what they would say if there were no such table: no match, the person's own
    team, and the times of its own events. Three queries at most.
    """
    matched = [row for row in datasets if row.table_id is not None]
    tables = {row.table_id for row in matched if row.table_id is not None}
    shown = (
        set(visible_tables(person).filter(pk__in=tables).values_list("pk", flat=True)) if tables else set()
    )
    hidden = [row for row in matched if row.table_id not in shown]
    if not hidden:
        return
    teams = get_team_ids(person)
    links = DatasetLink.objects.filter(dataset__in=hidden, job__team__in=teams).order_by()
    reports = links.values("dataset").annotate(
        team=Min("job__team"), first=Min("first_seen"), last=Max("last_seen")
    )
    own = {one["dataset"]: one for one in reports}
    known_teams = Team.objects.in_bulk([one["team"] for one in own.values()])
    for row in hidden:
        report = own.get(row.pk)
        row.table, row.match, row.matched_by = None, MatchKind.NONE, None
        if report:
            row.first_seen, row.last_seen = report["first"], report["last"]
            if row.team_id not in teams:
                row.team = known_teams[report["team"]]


def list_own_table_edges(person: Person, nodes: Collection[int]) -> QuerySet[TableEdge]:
    """At nodes of hidden tables, of jobs of the person's teams."""
    rows = TableEdge.objects.filter(_build_node_filter(nodes), job__team__in=get_team_ids(person))
    return rows.select_related("source", "target")


def list_own_column_edges(person: Person, nodes: Collection[int]) -> QuerySet[ColumnEdge]:
    """The same of columns."""
    rows = ColumnEdge.objects.filter(_build_node_filter(nodes), job__team__in=get_team_ids(person))
    return rows.select_related("source", "target")


def find_hidden_matches(person: Person, datasets: Collection[int]) -> frozenset[int]:
    """Those of the datasets that look unmatched and are not."""
    rows = LineageDataset.objects.filter(build_hidden_match_filter(person), pk__in=datasets)
    return frozenset(rows.values_list("pk", flat=True))


def _build_node_filter(nodes: Collection[int]) -> Q:
    return Q(source__node__in=nodes) | Q(target__node__in=nodes)
