"""Rows of permissions and drift findings of a catalog, filters, counts and CSV."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.usage.models import get_trail_readings
from fulfilment.observations.models import is_reading_too_old
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.finding_kinds import FINDING_TEXTS, FindingTexts, Resolution
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from fulfilment.permissions.queries import PermissionFilter, count_by_status, load_permissions
from identity.people.models import Person
from lakeformation.drift import DifferenceKind
from lakeformation.values.arn import ROLE_OR_USER_PATTERN
from lakeformation.values.permissions import ALL_TABLES, Permission
from portal.lists.declaration import Column, ColumnTable
from portal.pages.csv_cells import escape_formula
from requests_app.display_states.rules import (
    REQUEST_RULES,
    DriftFindingFacts,
    ScopeFacts,
    get_drift_finding_state,
    get_scope_state,
)
from requests_app.display_states.vocabulary import DisplayState
from requests_app.grants.models import Grant
from requests_app.grants.usage import build_last_use, describe_last_use
from requests_app.permissions.adoption import find_adoption_obstacle
from requests_app.permissions.permission_states import get_permission_states, get_reading_time
from requests_app.permissions.queries import (
    VisibleCatalog,
    build_permission_filter,
    describe_permission_scope,
    get_holder_name,
    gives_named_read,
    list_findings,
    map_grants_by_intent,
    map_last_uses,
    map_pending_removals,
    map_requesters_by_intent,
    map_table_ids,
)

MAX_GRANTS = 3
"""Latest grants shown for a permission that many grants justify, such as DESCRIBE on a database."""
EARLIEST_TIME = datetime.min.replace(tzinfo=UTC)
"""The start of a permission is unknown; its last use depends on the CloudTrail history."""
CSV_HEADER = (
    "standing",
    "database",
    "table",
    "verb",
    "columns",
    "grantable",
    "principal",
    "grants",
    "seen_since",
)


@dataclass(frozen=True)
class PermissionFilters:
    """Filters of the query string; empty ones match everything."""

    catalog: str
    database: str
    principal: str
    standing: PermissionStatus | None

    @classmethod
    def from_query(cls, query: QueryDict) -> "PermissionFilters":
        kind = query.get("kind", "")
        standing = PermissionStatus(kind) if kind in set(PermissionStatus) else None
        return cls(
            query.get("catalog", ""), query.get("database", ""), query.get("principal", "").strip(), standing
        )

    @property
    def querystring(self) -> str:
        parts = {
            "catalog": self.catalog,
            "database": self.database,
            "principal": self.principal,
            "kind": self.standing,
        }
        return urlencode({name: value for name, value in parts.items() if value})

    @property
    def is_filtered(self) -> bool:
        return bool(self.database or self.principal or self.standing)

    def apply_to(self, visible_catalog: VisibleCatalog) -> PermissionFilter:
        """The filtered permissions of the catalog."""
        return replace(
            build_permission_filter(visible_catalog),
            database=self.database,
            principal=self.principal,
            status=self.standing,
        )


@dataclass(frozen=True)
class PermissionRow:
    line: CatalogPermission
    state: DisplayState
    holder: str
    account: str
    resource: str
    scope_text: str
    grants: Sequence[Grant]
    more_grants: int
    removal: PermissionRemoval | None
    may_adopt: bool
    adoption_obstacle: str
    table_id: int | None
    last_use: str
    requester: str = ""


class PermissionTable(ColumnTable):
    """Its rows are `PermissionRow`."""

    route = "permissions"
    cells = "portal/permissions/_cells.html"
    is_dense = True
    columns = (
        Column(gettext_lazy("Status"), "state", classes="state-column", is_labelled=False),
        Column(gettext_lazy("Role"), "holder", is_labelled=False, is_needed=True),
        Column(gettext_lazy("Permission"), "verb", classes="wide-column", is_labelled=False),
        Column(gettext_lazy("On"), "resource", cell_classes="mono"),
        Column(gettext_lazy("Requested by"), "requested_by"),
        Column(gettext_lazy("Seen since"), "seen_since", classes="time-column", cell_classes="nowrap muted"),
        Column(
            gettext_lazy("Actions"),
            "actions",
            classes="action-column",
            cell_classes="end",
            is_labelled=False,
            is_label_hidden=True,
        ),
    )


@dataclass(frozen=True)
class FindingRow:
    """`observed_id` is the permission of a surplus; None while it is being removed."""

    finding: DriftFinding
    state: DisplayState
    texts: FindingTexts
    holder: str
    observed_id: int | None
    may_adopt: bool

    @property
    def is_incident(self) -> bool:
        """Whether no decision justifies it; shown in red even if acknowledged."""
        return self.finding.kind == DifferenceKind.UNJUSTIFIED

    @property
    def is_repairable(self) -> bool:
        return self.texts.resolution == Resolution.REPAIR or (
            bool(self.finding.intents) and not self.is_incident
        )


@dataclass(frozen=True)
class CatalogRow:
    """Counts are of what the person may see; `read_at` is None where the permissions were never read."""

    visible_catalog: VisibleCatalog
    state: DisplayState
    read_at: datetime | None
    finding_count: int
    counts: Sequence[tuple[str, str, int]]

    @property
    def is_empty(self) -> bool:
        return not self.finding_count and not self.counts


def build_catalog_rows(visible_catalogs: Iterable[VisibleCatalog], now: datetime) -> list[CatalogRow]:
    """Sorted by urgency. Four queries per catalog."""
    rows = [_build_catalog_row(visible_catalog, now) for visible_catalog in visible_catalogs]
    return sorted(rows, key=lambda row: REQUEST_RULES.index(row.state.state))


def _build_catalog_row(visible_catalog: VisibleCatalog, now: datetime) -> CatalogRow:
    read_at, numbers = (
        get_reading_time(visible_catalog.catalog),
        count_by_status(build_permission_filter(visible_catalog), now),
    )
    open_findings = list_findings(visible_catalog).filter(known_at=None)
    known = (
        list_findings(visible_catalog)
        .filter(known_at__isnull=False, kind=DifferenceKind.SURPLUS_FOREIGN)
        .count()
    )
    found = open_findings.count()
    state = get_scope_state(
        ScopeFacts(
            was_read=read_at is not None,
            is_reading_old=is_reading_too_old(read_at, now),
            finding_count=found,
            unmanaged_count=max(0, numbers[PermissionStatus.UNMANAGED] - known),
        )
    )
    counts = [standing_count for standing_count in build_standing_counts(numbers) if standing_count[2]]
    return CatalogRow(visible_catalog, state, read_at, found, counts)


def get_standing_label(standing: PermissionStatus) -> str:
    return {
        PermissionStatus.MISSING: _("missing in AWS"),
        PermissionStatus.UNMANAGED: _("held outside the portal"),
        PermissionStatus.ENDING: _("ending"),
        PermissionStatus.MANAGED: _("managed"),
    }[standing]


def build_standing_counts(numbers: Mapping[PermissionStatus, int]) -> list[tuple[str, str, int]]:
    """Value, label and count of each status."""
    return [(one.value, get_standing_label(one), numbers[one]) for one in PermissionStatus]


def filter_attention_counts(numbers: Mapping[PermissionStatus, int]) -> list[tuple[str, str, int]]:
    """Nonzero counts of unmanaged and missing permissions."""
    open_ = {PermissionStatus.UNMANAGED, PermissionStatus.MISSING}
    return [
        standing_count
        for standing_count in build_standing_counts(numbers)
        if standing_count[0] in open_ and standing_count[2]
    ]


def build_permission_rows(
    person: Person,
    visible_catalog: VisibleCatalog,
    lines: Sequence[CatalogPermission],
    read_at: datetime | None,
    now: datetime,
) -> list[PermissionRow]:
    """Lines of one page for a person, with their grants, removals, tables, last uses and states. Nine queries. `read_at`: when the catalog was last read."""
    grants = map_grants_by_intent({pk for line in lines for pk in line.intents[-MAX_GRANTS:]})
    removals = map_pending_removals({pk for line in lines for pk in line.intents})
    requesters = map_requesters_by_intent({pk for line in lines for pk in line.intents} - grants.keys())
    tables = map_table_ids(person, visible_catalog.catalog, lines)
    uses = map_last_uses(visible_catalog.catalog, lines)
    reading = get_trail_readings([visible_catalog.catalog.pk]).get(visible_catalog.catalog.pk)
    used = {
        line.key: describe_last_use(
            build_last_use(uses.get(PermissionKey.from_permission(line.permission)), EARLIEST_TIME, reading),
            now,
        )
        for line in lines
        if gives_named_read(line) and line.seen_at
    }
    states = get_permission_states(
        visible_catalog.catalog, lines, removals, is_reading_old=is_reading_too_old(read_at, now)
    )
    return [
        _build_permission_row(
            line,
            states[line.key],
            grants=grants,
            removals=removals,
            tables=tables,
            last_use=used.get(line.key, ""),
            requester=next((requesters[pk] for pk in line.intents if pk in requesters), ""),
        )
        for line in lines
    ]


def _build_permission_row(
    line: CatalogPermission,
    state: DisplayState,
    *,
    grants: dict[int, Grant],
    removals: Mapping[int, PermissionRemoval],
    tables: dict[tuple[str, str], int],
    last_use: str,
    requester: str,
) -> PermissionRow:
    one = line.permission
    reason = find_adoption_obstacle(line) if line.status == PermissionStatus.UNMANAGED else ""
    return PermissionRow(
        line=line,
        state=state,
        holder=get_holder_name(one.principal),
        account=one.principal.split(":")[4] if one.principal.startswith("arn:") else "",
        resource=format_resource(one),
        scope_text=describe_permission_scope(line),
        grants=[grants[pk] for pk in line.intents if pk in grants],
        requester=requester,
        more_grants=max(0, len(line.intents) - MAX_GRANTS),
        removal=next((removals[pk] for pk in line.intents if pk in removals), None),
        may_adopt=line.status == PermissionStatus.UNMANAGED and not reason,
        adoption_obstacle=reason,
        table_id=tables.get((one.database, one.table))
        if ROLE_OR_USER_PATTERN.fullmatch(one.principal)
        else None,
        last_use=last_use,
    )


def catalog_url(catalog: str) -> str:
    """The page of a catalog's permissions."""
    return f"{reverse('permissions')}?{urlencode({'catalog': catalog})}"


def format_resource(one: Permission) -> str:
    """The table, database or LF-Tag expression of a permission."""
    if one.policy:
        return one.resource
    if not one.table:
        return one.database
    return f"{one.database}.{_('every table') if one.table == ALL_TABLES else one.table}"


def build_finding_rows(
    visible_catalog: VisibleCatalog, findings: Iterable[DriftFinding], now: datetime
) -> list[FindingRow]:
    """With texts and, for a surplus, its permission. Three queries."""
    rows = list(findings)
    about = {PermissionKey.from_permission(Permission.from_json(row.atom)) for row in rows if row.atom}
    lines = load_permissions(visible_catalog.catalog, about, now)
    by_atom = {line.permission: line for line in lines if line.status == PermissionStatus.UNMANAGED}
    ending = {line.permission for line in lines if line.status == PermissionStatus.ENDING} - by_atom.keys()
    return [_build_finding_row(row, by_atom, ending) for row in rows]


def _build_finding_row(
    row: DriftFinding, by_atom: dict[Permission, CatalogPermission], ending: AbstractSet[Permission]
) -> FindingRow:
    atom = Permission.from_json(row.atom) if row.atom else None
    line = by_atom.get(atom) if atom else None
    return FindingRow(
        finding=row,
        state=get_drift_finding_state(
            DriftFindingFacts(
                is_closed=row.gone_at is not None,
                is_acknowledged=row.known_at is not None,
                is_being_repaired=_is_being_repaired(row),
                is_justified=row.kind != DifferenceKind.UNJUSTIFIED,
                is_being_removed=atom in ending,
            )
        ),
        texts=FINDING_TEXTS[DifferenceKind(row.kind)],
        holder=get_holder_name(row.principal_arn) if row.principal_arn else "",
        observed_id=line.observed_id if line else None,
        may_adopt=line is not None and not find_adoption_obstacle(line),
    )


def _is_being_repaired(row: DriftFinding) -> bool:
    """Workers repair what live intents lack."""
    return bool(row.intents) and FINDING_TEXTS[DifferenceKind(row.kind)].resolution == Resolution.REPAIR


def build_csv_rows(every: Iterable[CatalogPermission]) -> Iterator[Sequence[str]]:
    """CSV rows with a header. Cells that spreadsheets would evaluate are prefixed with an apostrophe."""
    yield CSV_HEADER
    lines = list(every)
    grants = map_grants_by_intent({pk for line in lines for pk in line.intents})
    for line in lines:
        one = line.permission
        numbers = " ".join(str(grants[pk].pk) for pk in line.intents if pk in grants)
        seen_since = line.seen_at.isoformat() if line.seen_at else ""
        cells = (
            line.status,
            one.database or one.resource,
            one.table,
            one.verb,
            describe_permission_scope(line),
            "yes" if one.grantable else "no",
            one.principal,
            numbers,
            seen_since,
        )
        yield [escape_formula(cell) for cell in cells]
