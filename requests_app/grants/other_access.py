"""Other ways by which a principal reads the same data, and access that was given outside the portal."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from catalog.mirror.models import Table, load_column_facts
from catalog.products.models import DataProduct
from fulfilment.observations.storage import build_held
from fulfilment.permissions.catalog_permissions import CatalogPermission, PermissionKey, PermissionStatus
from fulfilment.permissions.queries import TableHolder, list_table_holders, load_permissions
from lakeformation.access.access import Access
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from lakeformation.values.arn import ROLE_OR_USER_PATTERN
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import ALL_TABLES, READING_VERBS
from lakeformation.values.wording import describe_columns, describe_permission
from requests_app.access_requests.item_targets import (
    build_filter,
    filter_items_of_tables,
    list_data_conditions,
)
from requests_app.grants.end_dates import format_end_date
from requests_app.grants.models import EFFECTIVE_GRANTS, Grant
from requests_app.targets.lf_tags import list_approved_tag_cells


def list_other_paths_of_tag_grant(grant: Grant, now: datetime) -> tuple[str, ...]:
    """For a grant by LF-Tags: one sentence for each other grant or permission on something that it reached."""
    access = grant.intent.access
    others = Grant.objects.filter(EFFECTIVE_GRANTS, principal=grant.principal, ends_at__gt=now)
    given = [
        _("Grant %(grant)s gives %(what)s until %(day)s.")
        % {"grant": other.pk, "what": other.item.name, "day": format_end_date(other.ends_at)}
        for other in others.exclude(pk=grant.pk)
        .select_related("item__table__database", "intent")
        .order_by("pk")
        if other.item.target.shows_data and other.intent.access.tables & access.tables
    ]
    catalog = grant.item.table.database.catalog
    rows = catalog.observed.filter(
        principal_arn=access.principal_arn, database__in=[*access.databases, ""], verb__in=READING_VERBS
    )
    lines = load_permissions(
        catalog, list(map(PermissionKey.from_permission, build_held(catalog, rows))), now
    )
    return (*given, *(_describe_held(line) for line in lines if _is_readable(line, access)))


def _is_readable(line: CatalogPermission, access: Access) -> bool:
    one = line.permission
    inside = one.policy is not None or one.table == ALL_TABLES or (one.database, one.table) in access.tables
    return line.status == PermissionStatus.UNMANAGED and inside


def _describe_held(line: CatalogPermission) -> str:
    one = line.permission
    words = {"what": describe_permission(one.verb, one.resource)}
    return _("The role itself holds %(what)s outside the portal.") % words


def list_tag_paths(grant: Grant) -> tuple[str, ...]:
    """For a grant on one table: one sentence for each LF-Tag expression agreed to that shows some of it, too."""
    return tuple(
        _("%(columns)s: %(why)s.") % {"columns": describe_columns(cells.columns), "why": cells.source}
        for cells in list_approved_tag_cells(grant.item)
    )


def list_other_paths(grant: Grant, now: datetime) -> tuple[str, ...]:
    """One sentence for each way that is not this grant, as last read from AWS. Four queries at most."""
    if not grant.item.target.is_single_table:
        return list_other_paths_of_tag_grant(grant, now)
    by_tags = list_tag_paths(grant)
    holders = list_holders(grant.item.table, now)
    same = {grant.principal.arn, IAM_ALLOWED_PRINCIPALS}
    reading = [h for h in holders if h.permission.principal in same and h.permission.verb in READING_VERBS]
    if not reading:
        return by_tags
    return (
        *by_tags,
        *_describe_grants(grant, now),
        *(_describe_unmanaged(holder) for holder in reading if not holder.is_managed),
    )


def list_holders(table: Table, now: datetime) -> list[TableHolder]:
    """By name and by effective LF-Tags. Four queries."""
    tags = {column.name.lower(): column.tags for column in table.column_facts}
    return list_table_holders(table.database.catalog, table.database.name, table.name, now, tags)


def _describe_grants(grant: Grant, now: datetime) -> list[str]:
    table = grant.item.table
    reaching = filter_items_of_tables([table.pk], "item__")
    others = Grant.objects.filter(
        EFFECTIVE_GRANTS,
        build_filter(list_data_conditions(), "item__"),
        reaching,
        principal=grant.principal,
        ends_at__gt=now,
    ).select_related("item")
    return [
        _("Grant %(grant)s gives %(columns)s until %(day)s.")
        % {"grant": other.pk, "columns": _describe_columns(other), "day": format_end_date(other.ends_at)}
        for other in others.exclude(pk=grant.pk).order_by("pk")
    ]


def _describe_columns(grant: Grant) -> str:
    item = grant.item
    if not item.target.shows_data:
        return str(item.target.texts.amount)
    columns = _("every column") if item.target.has_future_columns else ", ".join(item.columns)
    return f"{columns} {describe_rows(item.row_filter)}".strip()


def describe_rows(rule: str) -> str:
    """`in the rows where …`, or nothing for all rows."""
    return _("in the rows where %(rule)s") % {"rule": rule} if rule else ""


def _describe_unmanaged(holder: TableHolder) -> str:
    everyone = holder.permission.principal == IAM_ALLOWED_PRINCIPALS
    words = {"verb": holder.permission.verb, "what": _describe_held_columns(holder)}
    sentence = (
        _("Every role that IAM allows holds %(verb)s on %(what)s outside the portal.")
        if everyone
        else _("The role itself holds %(verb)s on %(what)s outside the portal.")
    )
    return sentence % words


def _describe_held_columns(holder: TableHolder) -> str:
    """The columns that are held outside the portal; on a data cells filter, its columns and rows; by LF-Tags, by which.
    One under a condition says so.
    """
    condition = holder.permission.condition
    words = {"what": _describe_held_data(holder), "condition": condition}
    return _("%(what)s, only where %(condition)s") % words if condition else words["what"]


def _describe_held_data(holder: TableHolder) -> str:
    if policy := holder.permission.policy:
        by = {"columns": _describe_column_set(holder.unmanaged_columns), "what": policy.resource}
        return by["what"] if policy.name else _("%(columns)s (%(what)s)") % by
    if not holder.permission.cells_filter:
        return _describe_column_set(holder.unmanaged_columns)
    name = {"name": holder.permission.cells_filter}
    if holder.cells_filter is None:
        return _("what data cells filter %(name)s shows") % name
    rows = describe_rows(holder.cells_filter.rows) or _("in all rows")
    shown = {"columns": _describe_column_set(holder.cells_filter.columns), "rows": rows}
    return _("%(columns)s %(rows)s (data cells filter %(name)s)") % {**shown, **name}


def _describe_column_set(columns: ColumnSet) -> str:
    if not columns.is_exclusion:
        return ", ".join(columns.names)
    return (
        _("every column but %(names)s") % {"names": ", ".join(columns.names)}
        if columns.names
        else _("every column")
    )


@dataclass(frozen=True)
class UnmanagedHolding:
    """A permission on a table of a product that nobody requested in the portal; `description` names its columns. `arn`
    is that of a role or user, and empty for a group of principals.
    """

    principal: str
    arn: str
    account: str
    table: str
    table_id: int
    verb: str
    description: str
    seen_at: datetime


def list_unmanaged_holdings(product: DataProduct, now: datetime) -> list[UnmanagedHolding]:
    """What is held on the product's tables without a grant, as last read. Three queries a table, and two."""
    tables = list(product.tables.select_related("database__catalog__account").order_by("name"))
    load_column_facts(tables)
    return [
        _build_holding(holder, table)
        for table in tables
        for holder in list_holders(table, now)
        if not holder.is_managed
    ]


def _build_holding(holder: TableHolder, table: Table) -> UnmanagedHolding:
    arn = holder.permission.principal
    everyone = arn == IAM_ALLOWED_PRINCIPALS
    account = arn.split(":")[4] if arn.startswith("arn:") else arn
    return UnmanagedHolding(
        principal=_("every role that IAM allows") if everyone else arn.rsplit("/", 1)[-1],
        arn=arn if ROLE_OR_USER_PATTERN.fullmatch(arn) else "",
        account=table.database.catalog.account.account_id if everyone else account,
        table=table.name,
        table_id=table.pk,
        verb=holder.permission.verb,
        description=_describe_held_columns(holder),
        seen_at=holder.seen_at,
    )
