"""The permissions of a catalog that a person may see, with their grants, findings and held columns."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from catalog.mirror.models import Table
from catalog.products.may import visible_tables
from catalog.usage.models import LastUse
from fulfilment.holds import Hold
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from fulfilment.observations.storage import build_permission
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.models import DriftFinding, PermissionRemoval
from fulfilment.permissions.queries import PermissionFilter, load_permissions
from identity.accounts import ConnectedCatalog, Principal
from identity.people.may import get_team_ids_with_role
from identity.people.models import Membership, Person
from kernel.errors import NotFoundError, RefusedError
from lakeformation.drift import DifferenceKind
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.arn import is_account_id
from lakeformation.values.permissions import ALL_TABLES, READING_VERBS, SELECT
from lakeformation.values.row_policies import RowPolicies, RowPolicyAttachment, sort_attachments
from lakeformation.values.tag_expressions import TagPolicy
from lakeformation.values.wording import describe_cells_filter, describe_columns
from requests_app.access_requests.may import list_visible_items
from requests_app.grants.end_dates import EARLIER_ENDS
from requests_app.grants.models import Grant
from requests_app.permissions.may import (
    list_visible_databases,
    may_act_on_permissions,
    may_view_permissions,
    sees_all_permissions,
)
from requests_app.targets.lf_tags import build_tags_target


@dataclass(frozen=True)
class VisibleCatalog:
    """`databases`: None when the person sees all of the catalog, also what lies in no mirrored database.
    `may_act`: whether the person does more than read it, see `may_act_on_permissions`.
    """

    catalog: ConnectedCatalog
    databases: frozenset[str] | None
    may_act: bool

    def includes(self, database: str) -> bool:
        return self.databases is None or database in self.databases


def get_visible_catalog(person: Person, short_name: str) -> VisibleCatalog:
    """NotFoundError where nothing of the catalog is the person's to see."""
    catalog = ConnectedCatalog.objects.select_related("account").filter(short_name=short_name).first()
    if catalog is None or not may_view_permissions(person, catalog):
        raise NotFoundError
    return _build_visible_catalog(person, catalog)


def list_visible_catalogs(person: Person) -> list[VisibleCatalog]:
    """The catalogs whose permissions the person may see, by name; NotFoundError when there is none."""
    catalogs = ConnectedCatalog.objects.select_related("account").order_by("short_name")
    found = [
        _build_visible_catalog(person, catalog)
        for catalog in catalogs
        if may_view_permissions(person, catalog)
    ]
    if not found:
        raise NotFoundError
    return found


def _build_visible_catalog(person: Person, catalog: ConnectedCatalog) -> VisibleCatalog:
    whole = sees_all_permissions(person)
    names = (
        None if whole else frozenset(list_visible_databases(person, catalog).values_list("name", flat=True))
    )
    return VisibleCatalog(catalog, names, may_act=may_act_on_permissions(person))


def build_permission_filter(visible_catalog: VisibleCatalog) -> PermissionFilter:
    """Every line that the person may see."""
    return PermissionFilter(visible_catalog.catalog, visible_catalog.databases)


def get_unmanaged_permission(
    person: Person, observed_id: int, now: datetime
) -> tuple[ConnectedCatalog, CatalogPermission]:
    """The unmanaged part of an observed permission. NotFoundError when it is gone, managed, or not theirs to see;
    RefusedError when it is being removed already.
    """
    row = ObservedPermission.objects.select_related("catalog__account").filter(pk=observed_id).first()
    if row is None or not may_view_permissions(person, row.catalog):
        raise NotFoundError
    if not _build_visible_catalog(person, row.catalog).includes(row.database) and not _owns_tagged_data(
        person, row
    ):
        raise NotFoundError
    held = build_permission(row.catalog, row)
    lines = load_permissions(row.catalog, [PermissionKey.from_permission(held)], now)
    found = next((line for line in lines if line.status == PermissionStatus.UNMANAGED), None)
    if found is None:
        check_removal_not_ordered(lines)
        raise NotFoundError
    return row.catalog, found


def check_removal_not_ordered(lines: Iterable[CatalogPermission]) -> None:
    """RefusedError where somebody ordered the removal of what these lines are about."""
    if map_pending_removals({pk for line in lines for pk in line.intents}):
        raise RefusedError(
            _("This permission is already being removed. You can follow it under Permissions.")
        )


def _owns_tagged_data(person: Person, row: ObservedPermission) -> bool:
    """Whether a permission by LF-Tags reaches data of one domain alone, and the person is its data owner."""
    if not row.policy:
        return False
    tags_target = build_tags_target(row.catalog, TagPolicy.from_json(row.policy).expression, person)
    return tags_target.domain is not None and tags_target.domain.owner_team_id in get_team_ids_with_role(
        person, Membership.Role.DATA_OWNER
    )


def get_finding(person: Person, finding_id: int) -> DriftFinding:
    """An open finding that the person may see. NotFoundError."""
    rows = DriftFinding.objects.select_related("catalog__account").filter(pk=finding_id, gone_at__isnull=True)
    row = rows.first()
    if row is None or not may_view_permissions(person, row.catalog):
        raise NotFoundError
    if not _build_visible_catalog(person, row.catalog).includes(row.database):
        raise NotFoundError
    return row


def list_row_policies(visible_catalog: VisibleCatalog, policies: RowPolicies) -> list[RowPolicyAttachment]:
    """Lists policies on tables of databases that the person sees, sorted; by LF-Tags where the person sees all of the catalog."""
    seen = (
        attachment for attachment in policies.attachments if visible_catalog.includes(attachment.database)
    )
    return sort_attachments(seen)


def list_findings(visible_catalog: VisibleCatalog) -> QuerySet[DriftFinding]:
    """Open findings: incidents first, then the latest; those that somebody knows of last."""
    rows = list_all_findings(visible_catalog).filter(gone_at__isnull=True).select_related("known_by")
    is_incident = Exact(F("kind"), DifferenceKind.UNJUSTIFIED.value)
    return rows.order_by(is_incident.desc(), F("known_at").desc(nulls_first=True), "-pk")


def list_all_findings(visible_catalog: VisibleCatalog) -> QuerySet[DriftFinding]:
    """Open and resolved findings, in no order."""
    rows = DriftFinding.objects.filter(catalog=visible_catalog.catalog)
    if visible_catalog.databases is not None:
        rows = rows.filter(database__in=visible_catalog.databases)
    return rows


def map_grants_by_intent(intents: Collection[int]) -> dict[int, Grant]:
    """The grants that own these intents, by intent. One query."""
    rows = Grant.objects.filter(intent__in=intents).select_related("item__request__requester")
    return {grant.intent_id: grant for grant in rows.annotate(**EARLIER_ENDS)}


def map_requesters_by_intent(intents: Collection[int]) -> dict[int, str]:
    """Names of those who requested the registrations and the write access that own these intents. One query."""
    name = Coalesce(
        "table_registration__requested_by__name",
        "write_registration__requested_by__name",
        "write_request__requested_by__name",
    )
    rows = Intent.objects.filter(pk__in=intents).annotate(requester=name).exclude(requester=None)
    return dict(rows.values_list("pk", "requester"))


def list_hidden_grant_ids(person: Person, grants: Iterable[Grant]) -> frozenset[int]:
    """Ids of grants whose requests the person may not see: a steward does not see each request. One query."""
    items = {grant.pk: grant.item_id for grant in grants}
    seen = set(list_visible_items(person).filter(pk__in=items.values()).values_list("pk", flat=True))
    return frozenset(pk for pk, item in items.items() if item not in seen)


def map_pending_removals(intents: Collection[int]) -> dict[int, PermissionRemoval]:
    """The ordered removals that are not proven yet among these intents, by intent. One query."""
    rows = PermissionRemoval.objects.filter(intent__in=intents).select_related("intent", "ordered_by")
    return {row.intent_id: row for row in rows if not row.intent.is_proven}


def map_table_ids(
    person: Person, catalog: ConnectedCatalog, lines: Iterable[CatalogPermission]
) -> dict[tuple[str, str], int]:
    """Ids of the mirrored tables that the lines are about, by database and name, as far as the person may look at them. One
    query.
    """
    names = {line.permission.table for line in lines}
    live = visible_tables(person).filter(
        database__catalog=catalog, database__tombstoned_at=None, tombstoned_at=None
    )
    rows = live.filter(name__in=names).values_list("database__name", "name", "pk")
    return {(database, name): pk for database, name, pk in rows}


def map_last_uses(
    catalog: ConnectedCatalog, lines: Iterable[CatalogPermission]
) -> dict[PermissionKey, datetime]:
    """By line, when its holder was last let at its table's data; lines that let nobody read, or are on LF-Tags, are left
    out, and those of whom no use is known. Two queries.
    """
    reading = [line.permission for line in lines if gives_named_read(line)]
    arns = {one.principal for one in reading}
    live = Principal.objects.filter(arn__in=arns, gone_at=None)
    by_id = dict(live.values_list("unique_id", "arn"))
    last_uses = LastUse.objects.filter(Q(reader__in=by_id) | Q(account__in=arns), catalog=catalog)
    used: dict[tuple[str, str, str], datetime] = {}
    for row in last_uses.filter(database__in={one.database for one in reading}):
        for who in (by_id.get(row.reader), row.account):
            for table in (row.table, ALL_TABLES) if who in arns else ():
                at = who or "", row.database, table
                used[at] = max(row.at, used.get(at, row.at))
    places = {PermissionKey.from_permission(one): (one.principal, one.database, one.table) for one in reading}
    return {key: used[at] for key, at in places.items() if at in used}


def gives_named_read(line: CatalogPermission) -> bool:
    """Whether it lets its holder read a table, or every table of a database."""
    return (
        line.permission.verb in READING_VERBS
        and bool(line.permission.table)
        and line.permission.policy is None
    )


def get_holder_name(arn: str) -> str:
    """The role's or user's own name; an account as a whole, and IAMAllowedPrincipals, in words."""
    if arn == IAM_ALLOWED_PRINCIPALS:
        return _("every role that IAM allows")
    if is_account_id(arn):
        return _("the whole account %(account)s") % {"account": arn}
    return arn.rsplit("/", 1)[-1]


def describe_permission_scope(line: CatalogPermission) -> str:
    """What of its table or database the permission covers; nothing where that needs no words."""
    one = line.permission
    # First, for a long list of columns is cut on the page.
    words = [_("can pass it on")] if one.grantable else []
    if one.cells_filter:
        words.append(describe_cells_filter(one.cells_filter))
    elif one.verb == SELECT and one.table not in {"", ALL_TABLES}:
        words.append(describe_columns(line.columns))
    if one.condition:
        words.append(_("only where %(condition)s") % {"condition": one.condition})
    return "; ".join(words)


def find_mirrored_table(catalog: ConnectedCatalog, line: CatalogPermission) -> Table | None:
    """The live table of a line, with its rows."""
    rows = Table.objects.select_related("database__domain__owner_team", "database__catalog__account")
    return rows.filter(
        database__catalog=catalog,
        database__name=line.permission.database,
        database__tombstoned_at__isnull=True,
        name=line.permission.table,
        tombstoned_at__isnull=True,
    ).first()


def find_mirrored_principal(line: CatalogPermission) -> Principal | None:
    """The live principal of a line, with its account and team."""
    rows = Principal.objects.select_related("account__team")
    return rows.filter(arn=line.permission.principal, gone_at__isnull=True).first()


def list_open_holds(visible_catalog: VisibleCatalog) -> QuerySet[Hold]:
    """Open holds in the part of a catalog that a person sees, the latest first."""
    rows = Hold.objects.filter(catalog=visible_catalog.catalog, ended_at__isnull=True)
    if visible_catalog.databases is not None:
        rows = rows.filter(database__in=visible_catalog.databases)
    return rows.select_related("intent__grant__principal").order_by("-pk")
