"""Who may see which datasets and jobs, and match datasets to tables by hand."""

from collections.abc import Collection, Iterable

from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from catalog.lineage.models import ColumnEdge, DatasetLink, LineageDataset, LineageJob, MatchKind, TableEdge
from catalog.mirror.models import Table
from catalog.products.may import EDITOR_ROLES, visible_tables
from identity.people.may import (
    can_read_everything,
    get_memberships,
    get_team_ids,
    get_team_ids_with_role,
    has_platform_role,
)
from identity.people.models import Person, PlatformRole, Team
from kernel.verdicts import ALLOWED, Verdict, refusal


def visible_datasets(person: Person) -> QuerySet[LineageDataset]:
    """Datasets of visible tables. Of the datasets without a table, all but for people from outside, as for tables in
    no product; one that somebody unmatched by hand only for those who match. And those of
    `build_hidden_match_filter`.
    """
    return LineageDataset.objects.filter(_build_open_filter(person) | build_hidden_match_filter(person))


def _build_open_filter(person: Person) -> Q:
    shown = Q(table__in=visible_tables(person))
    if person.is_external:
        return shown
    if not matches_all(person):
        own = Q(team__in=get_team_ids(person))
        return shown | Q(table=None) & (own | ~Q(match=MatchKind.HAND_NONE))
    return shown | Q(table=None)


def build_hidden_match_filter(person: Person, teams: Collection[int] | None = None) -> Q:
    """Datasets that the person's teams reported, or these teams, and that match tables which the person may not see. Whoever shows
    them calls `hide_tables`, so that a name tells nobody whether there is such a table.
    """
    if person.is_external:
        return Q(pk__in=())
    found = get_team_ids(person) if teams is None else teams
    links = DatasetLink.objects.filter(dataset=OuterRef("pk"), job__team__in=found)
    is_shown = Exists(visible_tables(person).filter(pk=OuterRef("table")))
    return Q(table__isnull=False) & (Q(team__in=found) | Q(Exists(links))) & ~Q(is_shown)


def visible_jobs(person: Person) -> QuerySet[LineageJob]:
    """Jobs of the person's teams, and jobs of which they see an output or, if there is none, an input. All for
    whoever reads the whole mesh.
    """
    if can_read_everything(person):
        return LineageJob.objects.all()
    links = DatasetLink.objects.filter(job=OuterRef("pk"))
    seen = links.filter(dataset__in=LineageDataset.objects.filter(_build_open_filter(person)))
    by_output = Exists(seen.filter(is_output=True))
    by_input = ~Exists(links.filter(is_output=True)) & Exists(seen.filter(is_output=False))
    return LineageJob.objects.filter(Q(team__in=get_team_ids(person)) | by_output | by_input)


def visible_links(person: Person, job: LineageJob) -> QuerySet[DatasetLink]:
    """What the job reads and writes. That a job of another team reads or writes a hidden table is not shown."""
    rows = DatasetLink.objects.filter(job=job)
    if job.team_id in get_team_ids(person):
        return rows.filter(dataset__in=visible_datasets(person))
    return rows.filter(dataset__in=LineageDataset.objects.filter(_build_open_filter(person)))


def sees_failures(person: Person, job: LineageJob) -> bool:
    """Error messages may hold data: they are for the job's team, for editors of what it writes, and for whoever reads all."""
    if can_read_everything(person) or job.team_id in get_team_ids(person):
        return True
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    written = Table.objects.filter(
        lineage_datasets__links__job=job,
        lineage_datasets__links__is_output=True,
        database__domain__owner_team__in=teams,
    )
    return written.exists()


def matches_all(person: Person) -> bool:
    """Whether the person may match whatever any team reported."""
    return can_read_everything(person) or has_platform_role(person, PlatformRole.Role.STEWARD)


def matchable_datasets(person: Person) -> QuerySet[LineageDataset]:
    """All for stewards and whoever reads the whole mesh; for data owners and developers what their teams reported."""
    if matches_all(person):
        return LineageDataset.objects.all()
    teams = get_team_ids_with_role(person, *EDITOR_ROLES)
    return LineageDataset.objects.filter(Q(team__in=teams) | build_hidden_match_filter(person, teams))


def sees_unmatched_datasets(person: Person) -> bool:
    """Whether the page of unmatched datasets concerns the person."""
    return matches_all(person) or any(role in EDITOR_ROLES for _team, role in get_memberships(person))


def may_match_dataset(person: Person, dataset: LineageDataset, table: Table | None) -> Verdict:
    """Stewards and governance admins; data owners and developers of the team that reported it, to a table that they see."""
    if not person.is_active or not matchable_datasets(person).filter(pk=dataset.pk).exists():
        return refusal(
            _("Only stewards, and data owners and developers of the team that reported it, can match it.")
        )
    if has_platform_role(person, PlatformRole.Role.AUDITOR) and not _may_govern(person, dataset):
        return refusal(_("Auditors read only."))
    if table is not None and not visible_tables(person).filter(pk=table.pk, tombstoned_at=None).exists():
        return refusal(_("There is no such table, or you may not see it."))
    return ALLOWED


def _may_govern(person: Person, dataset: LineageDataset) -> bool:
    governs = has_platform_role(person, PlatformRole.Role.STEWARD, PlatformRole.Role.GOVERNANCE_ADMIN)
    return governs or dataset.team_id in get_team_ids_with_role(person, *EDITOR_ROLES)


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
    """The datasets that look unmatched and are not."""
    rows = LineageDataset.objects.filter(build_hidden_match_filter(person), pk__in=datasets)
    return frozenset(rows.values_list("pk", flat=True))


def _build_node_filter(nodes: Collection[int]) -> Q:
    return Q(source__node__in=nodes) | Q(target__node__in=nodes)
