"""AWS limits as they would be after an approval, and whether LF-Tags would need fewer grants."""

from dataclasses import dataclass

from django.contrib.postgres.aggregates import JSONBAgg
from django.db.models import Count, Func, JSONField, Q, QuerySet, Value
from django.utils.translation import gettext as _

from catalog.mirror.models import Column, Table
from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission
from identity.accounts.models import ConnectedCatalog
from lakeformation.access.access import Access
from lakeformation.access.table_access import TableAccess
from lakeformation.effects.quotas import (
    CROSS_ACCOUNT_GRANTS,
    FILTERS_PER_TABLE,
    MAX_SHARES_PER_ACCOUNT,
    RESOURCE_SHARES,
    TAG_VALUES,
    QuotaLevel,
    QuotaUsage,
    TagAdvice,
    suggest_tag,
)
from lakeformation.values.column_sets import ColumnSet
from requests_app.access_requests.models import RequestItem
from requests_app.targets.single_tables import WholeTable

MAX_TAGS = 8
"""Tags that are looked at for advice."""


@dataclass(frozen=True)
class LimitCount:
    label: str
    count: QuotaUsage


@dataclass(frozen=True)
class AwsLimits:
    counts: tuple[LimitCount, ...]
    advice: TagAdvice | None

    @property
    def nearly_reached(self) -> tuple[LimitCount, ...]:
        """Those that leave little room, or none."""
        return tuple(one for one in self.counts if one.count.level != QuotaLevel.ENOUGH)


@dataclass(frozen=True)
class GrantHolder:
    """`own`: database, table and filter of each grant in this catalog, of the principal that gets the access."""

    principal_arn: str
    grant_count: int
    own: tuple[tuple[str, str, str], ...]

    @property
    def account(self) -> str:
        arn = self.principal_arn
        return arn.split(":")[4] if arn.startswith("arn:") else arn


class JSONArray(Func):
    function = "jsonb_build_array"
    output_field = JSONField()


def compute_limits(item: RequestItem, access: Access) -> AwsLimits:
    """What agreeing to the item, which gives `access`, would count against, from rows alone. A handful of queries."""
    catalog = item.table.database.catalog
    counts = []
    if access.is_cross_account:
        holders = _read_cross_account_holders(access, catalog)
        grants = QuotaUsage(
            CROSS_ACCOUNT_GRANTS,
            sum(one.grant_count for one in holders),
            len(_list_cross_account_targets(access) - {one for row in holders for one in row.own}),
        )
        counts.append(LimitCount(_("grants to other accounts, by name"), grants))
        accounts = {one.account for one in holders}
        more = {access.consumer} - accounts
        shares = QuotaUsage(
            RESOURCE_SHARES, len(accounts) * MAX_SHARES_PER_ACCOUNT, len(more) * MAX_SHARES_PER_ACCOUNT
        )
        counts.append(LimitCount(_("RAM resource shares, at most"), shares))
    if isinstance(access, TableAccess) and access.cells_filter:
        rows = ObservedPermission.objects.filter(
            catalog=catalog, principal_arn=access.principal_arn, database=access.database, table=access.table
        ).exclude(cells_filter="")
        names = set(rows.values_list("cells_filter", flat=True))
        wanted = access.cells_filter
        filters = QuotaUsage(
            FILTERS_PER_TABLE, len(names), int(wanted is not None and wanted.name not in names)
        )
        counts.append(LimitCount(_("row filters of this role on this table"), filters))
    if access.tag_expression:
        # Of each key, the values that something of the catalog carries: others are known to AWS alone.
        live = Column.objects.filter(table__database__catalog=catalog, table__tombstoned_at=None)
        for key, asked in access.tag_expression.keys:
            carried = set(live.filter(tags__has_key=key).values_list(f"tags__{key}", flat=True).distinct())
            what = _("values of LF-Tag %(key)s in use") % {"key": key}
            counts.append(LimitCount(what, QuotaUsage(TAG_VALUES, len(carried | set(asked)), 0)))
    return AwsLimits(tuple(counts), _build_tag_advice(item, access, catalog))


def _list_cross_account_targets(access: Access) -> set[tuple[str, str, str]]:
    """Database, table and filter of what the access needs a grant on."""
    return {
        (one.database, one.table, one.cells_filter)
        for one, _columns in access.permissions
        if one.catalog == access.owner_catalog and not one.policy
    }


def _read_cross_account_holders(access: Access, catalog: ConnectedCatalog) -> list[GrantHolder]:
    """Who holds something across accounts. A grant is one principal on one database, table or filter, whatever its verbs."""
    named = Q(tagged="")
    own = named & Q(catalog=catalog, principal_arn=access.principal_arn)
    target = JSONArray("database", "table", "cells_filter")
    rows = _select_cross_account_rows(access, catalog).order_by().values("principal_arn")
    found = rows.annotate(
        grant_count=Count(
            JSONArray("catalog", "database", "table", "cells_filter"), filter=named, distinct=True
        ),
        own=JSONBAgg(target, filter=own, distinct=True, default=Value([], JSONField())),
    )
    return [
        GrantHolder(arn, count, tuple((database, table, cells) for database, table, cells in targets))
        for arn, count, targets in found.values_list("principal_arn", "grant_count", "own")
    ]


def _select_cross_account_rows(access: Access, catalog: ConnectedCatalog) -> QuerySet[ObservedPermission]:
    """Of the owner's account, in whichever region: what accounts hold, and what roles and users of others do."""
    held = ObservedPermission.objects.filter(catalog__account=catalog.account).exclude(
        principal_arn__contains=f":{access.owner}:"
    )
    return held.filter(principal_arn__startswith="arn:") | held.filter(principal_arn__regex=r"^\d{12}$")


def _build_tag_advice(item: RequestItem, access: Access, catalog: ConnectedCatalog) -> TagAdvice | None:
    """Only of tables that are given whole, this one among them: a tag would open all that carries it."""
    if item.target.fact != WholeTable.fact or item.row_filter or access.is_account_grant:
        return None
    live = Table.objects.filter(database__catalog=catalog, tombstoned_at=None, database__tombstoned_at=None)
    intents = Intent.objects.filter(
        kind=Intent.Kind.GRANT,
        ended_at=None,
        wanted__principal_arn=access.principal_arn,
        wanted__owner=access.owner,
        wanted__region=access.owner_catalog.region,
        wanted__columns=ColumnSet.every().to_json(),
    )
    found = [one.access for one in intents]
    names = {one.target for one in found if one.opens_data and not one.cells.rows}
    names.add((item.table.database.name, item.table.name))
    rows = live.filter(name__in={name for _database, name in names}).select_related("database")
    whole_tables = [row for row in rows if (row.database.name, row.name) in names]
    tags = [table.tags for table in whole_tables]
    pairs = sorted({pair for one in tags for pair in one.items()})[:MAX_TAGS]
    carried = {(key, value): live.filter(tags__contains={key: value}).count() for key, value in pairs}
    return suggest_tag(tags, carried)
