"""What is known of a table and a principal: the mirror, the observed permissions, and when they were read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from catalog.mirror.models import Table
from fulfilment.observations.models import (
    ObservedCellsFilter,
    ObservedOptIn,
    ObservedPermission,
    ScopeReading,
)
from fulfilment.observations.storage import (
    CatalogFacts,
    ShareFacts,
    build_filters,
    build_held,
    get_data_catalog,
)
from fulfilment.preview import is_location_in_hybrid_mode
from fulfilment.rounds import Scope
from identity.accounts import ConnectedCatalog, Principal
from lakeformation.drift import NamedExpression
from lakeformation.explanation.access_paths import PROJECT_TAG, AccessFacts, CatalogPermissions
from lakeformation.explanation.answers import ColumnQuestion, EvidenceSource
from lakeformation.values.permissions import ALL_TABLES, SELECT, OptIn, Permission
from lakeformation.values.resource_links import list_shared_resources
from requests_app.targets.many_tables import build_table_tags


@dataclass(frozen=True)
class SourceReading:
    """When something was read, and by which reading: `number` counts those of its scope, 0 for the mirror."""

    at: datetime
    number: int = 0


@dataclass(frozen=True)
class KnownFacts:
    """`readings` are the readings that the facts come from."""

    facts: AccessFacts
    readings: dict[EvidenceSource, SourceReading]


@dataclass(frozen=True)
class TableFacts:
    """Facts of a table that do not depend on the person: `shares` by the receiving account's id."""

    table: Table
    facts: AccessFacts
    opt_ins: frozenset[OptIn]
    catalog: SourceReading | None
    shares: Mapping[str, tuple[ShareFacts, SourceReading]]

    @classmethod
    def read(cls, table: Table) -> Self:
        """Seven queries, whatever is held, and one more in hybrid access mode."""
        catalog = table.database.catalog
        reading_rows = list(
            ScopeReading.objects.filter(scope__catalog=catalog).select_related("scope__consumer")
        )
        reading = next((row for row in reading_rows if row.scope.kind == Scope.Kind.CATALOG), None)
        shares = {
            row.scope.consumer.account_id: (ShareFacts.from_json(row.facts), _build_reading(row))
            for row in reading_rows
            if row.scope.consumer
        }
        told = CatalogFacts.from_json(reading.facts) if reading else CatalogFacts()
        named = {column.name.lower(): column for column in table.column_facts}
        policies = told.row_policies
        tags = build_table_tags(table, table.column_facts)
        policies = policies.with_default(table.database.name, table.name, table.default_row_policy)
        row_policies = policies.list_on_table(table.database.name, table.name, tags)
        facts = AccessFacts(
            columns=tuple(name for name, column in named.items() if not column.is_partition_key),
            partition_keys=tuple(name for name, column in named.items() if column.is_partition_key),
            tags={name: column.tags for name, column in named.items()},
            owner_permissions=_build_book(catalog, table, told.named_expressions) if reading else None,
            is_hybrid=is_location_in_hybrid_mode(catalog, table.location),
            creator=table.created_by or None,
            admins=told.admins,
            conditional_opt_ins=told.conditional_opt_ins,
            unknown_rows=told.unknown_rows,
            row_policies=tuple(row_policies),
            row_policies_unread=told.row_policies.unread,
        )
        if facts.is_hybrid:
            rows = Principal.objects.filter(gone_at=None, tags__has_key=PROJECT_TAG)
            facts = replace(facts, always_opted_in=frozenset(rows.values_list("arn", flat=True)))
        opt_ins = told.wide_opt_ins | _read_opt_ins(table)
        return cls(table, facts, opt_ins, _build_reading(reading) if reading else None, shares)

    def get_known_facts(self, principal: str) -> KnownFacts:
        """What of it is about a principal, by its ARN."""
        read = {EvidenceSource.MIRROR: SourceReading(self.table.mirrored_at)}
        if self.catalog:
            read[EvidenceSource.CATALOG] = self.catalog
        facts = replace(self.facts, opt_ins=self.opt_ins)
        if share := self.shares.get(principal.split(":")[4]):
            told, read[EvidenceSource.SHARE] = share
            local = (
                None if told.passed_on_permissions is None else CatalogPermissions(told.passed_on_permissions)
            )
            select = Permission(
                get_data_catalog(self.table.database.catalog),
                principal,
                self.table.database.name,
                self.table.name,
                SELECT,
            )
            is_carried = all(
                shared_resource.is_in(told.received_resources)
                for shared_resource in list_shared_resources(select)
            )
            facts = replace(
                facts,
                is_share_delivered=is_carried,
                account_permissions=local,
                unknown_rows=facts.unknown_rows | told.unknown_rows,
            )
        return KnownFacts(facts, read)


def build_question(table: Table, principal: str, column: str) -> ColumnQuestion:
    """The question in the words of Lake Formation."""
    place = get_data_catalog(table.database.catalog)
    return ColumnQuestion(principal, place, table.database.name, table.name, column.lower())


def _build_reading(reading: ScopeReading) -> SourceReading:
    return SourceReading(reading.read_at, reading.epoch)


def _build_book(
    catalog: ConnectedCatalog, table: Table, expressions: Mapping[str, NamedExpression]
) -> CatalogPermissions:
    """Permissions by LF-Tags are kept without a database; those by a named expression get its body."""
    rows = ObservedPermission.objects.filter(
        catalog=catalog, database__in=[table.database.name, ""], table__in=["", ALL_TABLES, table.name]
    )
    filters = ObservedCellsFilter.objects.filter(
        catalog=catalog, database=table.database.name, table=table.name
    )
    made = {one.key: one for one in build_filters(catalog, filters)}
    held = build_held(catalog, rows)
    return CatalogPermissions(
        {_resolve_expression(one, expressions): columns for one, columns in held.items()}, made
    )


def _resolve_expression(one: Permission, expressions: Mapping[str, NamedExpression]) -> Permission:
    known = expressions.get(one.policy.name) if one.policy else None
    if one.policy is None or known is None or known.current is None:
        return one
    return replace(one, policy=replace(one.policy, expression=known.current))


def _read_opt_ins(table: Table) -> frozenset[OptIn]:
    catalog, on = table.database.catalog, (table.database.name, table.name)
    rows = ObservedOptIn.objects.filter(catalog=catalog, database=on[0], table=on[1])
    arns = rows.values_list("principal_arn", flat=True)
    return frozenset(OptIn(get_data_catalog(catalog), arn, *on) for arn in arns)
