"""With which other products a product can be combined: the SQL for the columns that the person holds, or what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.discovery import find_request_refusals
from catalog.mesh.schema_similarity import get_type_family
from catalog.mirror.models import Table, load_column_facts
from catalog.products.models import DataProduct, ProductLifecycle
from identity.people.models import Person
from lakeformation.values.wording import list_names
from portal.access.query_examples import build_query_names, list_granted_columns, quote_name
from portal.mesh.combination_section import describe_key
from portal.pages.own_requests import find_request_notes
from requests_app.grants.models import Grant
from requests_app.grants.queries import list_queryable_grants
from requests_app.grants.reach import covers_table
from requests_app.mesh.joinable import Join, list_product_joins

MAX_COLUMNS = 4
"""Of each side, with its key."""


@dataclass(frozen=True)
class JoinSide:
    """`database` is where the role's account finds the table. `columns` are those that the role may read; `family` is the
    family of the key's type.
    """

    database: str
    table: str
    key: str
    columns: Sequence[str]
    family: str

    @property
    def shown(self) -> list[str]:
        """The key, then the first others."""
        others = [name for name in self.columns if name.lower() != self.key.lower()]
        return [self.key, *others[: MAX_COLUMNS - 1]]


@dataclass(frozen=True)
class MissingAccess:
    """A table to request, to combine it with the `other` product. `obstacle` says why the person can't; `request_id` is a request of
    their teams that is not active yet.
    """

    table: Table
    product: DataProduct
    other: DataProduct
    obstacle: str = ""
    request_id: int | None = None

    @property
    def form_url(self) -> str:
        chosen = {"table": self.table.pk, "data_product": self.product.slug, "combine": self.other.slug}
        return f"{reverse('access-request-new')}?{urlencode(chosen)}"


@dataclass(frozen=True)
class Combination:
    """`sql` is empty where the person lacks something: `missing` says what, and `requests` are what they can request, the
    partner's first.
    """

    partner: DataProduct
    by: str
    column: str
    partner_column: str
    sql: str
    role: str
    missing: str
    requests: tuple[MissingAccess, ...]


@dataclass(frozen=True)
class _Holding:
    """A grant of one of the person's roles by which it reads columns of a table."""

    grant: Grant
    table: Table
    columns: Sequence[str]

    def reads(self, column: str) -> bool:
        return column.lower() in {name.lower() for name in self.columns}


@dataclass(frozen=True)
class _Pair:
    """A product and a partner, the tables that join them, and how the person's roles read these."""

    join: Join
    product: DataProduct
    partner: DataProduct
    table: Table
    other_table: Table
    first: Sequence[_Holding]
    second: Sequence[_Holding]

    def find_holdings(self) -> tuple[_Holding, _Holding] | None:
        """Of one role, which reads both keys."""
        for one in self.first:
            for other in self.second:
                is_same = one.grant.principal_id == other.grant.principal_id
                if is_same and one.reads(self.join.first.column) and other.reads(self.join.second.column):
                    return one, other
        return None

    def describe_missing(self) -> tuple[str, tuple[MissingAccess, ...]]:
        """In words, and the tables to request, the partner's first."""
        own = MissingAccess(self.table, self.product, self.partner)
        other = MissingAccess(self.other_table, self.partner, self.product)
        words = {
            "table": _("%(table)s of %(product)s") % {"table": self.table.name, "product": self.product.name},
            "other": _("%(table)s of %(product)s")
            % {"table": self.other_table.name, "product": self.partner.name},
        }
        if not self.first and not self.second:
            return _("You need access to both %(other)s and %(table)s.") % words, (other, own)
        if not self.first:
            return _("You have access to %(other)s. %(table)s is still missing.") % words, (own,)
        if not self.second:
            return _("You have access to %(table)s. %(other)s is still missing.") % words, (other,)
        keys = [
            (self.second, self.join.second.column, other),
            (self.first, self.join.first.column, own),
        ]
        lacking = [
            (f"{one.table.name}.{column}", one)
            for held, column, one in keys
            if not any(each.reads(column) for each in held)
        ]
        if lacking:
            names = list_names([name for name, _one in lacking])
            said = ngettext(
                "The column %(names)s is still missing.",
                "The columns %(names)s are still missing.",
                len(lacking),
            )
            return said % {"names": names}, tuple(one for _name, one in lacking)
        return _("You hold both, but no single role of yours does."), (other,)


def build_combinations(
    person: Person, product: DataProduct, own_grants: Sequence[Grant], now: datetime
) -> list[Combination]:
    """`own_grants` are the live ones on the product's tables. Six queries at most, one where nothing can be joined."""
    joins = list_product_joins(person, product)
    if not joins:
        return []
    tables = Table.objects.select_related("database__catalog__account").in_bulk(
        {side.table for join in joins for side in (join.first, join.second)}
    )
    load_column_facts(tables.values())
    partners = DataProduct.objects.select_related("domain").in_bulk({join.second.product for join in joins})
    others = list_queryable_grants(person, [tables[join.second.table] for join in joins], now)
    grants = list({grant.pk: grant for grant in (*own_grants, *others)}.values())
    pairs = [
        _Pair(
            join,
            product,
            partners[join.second.product],
            tables[join.first.table],
            tables[join.second.table],
            _list_holdings(grants, tables[join.first.table]),
            _list_holdings(grants, tables[join.second.table]),
        )
        for join in joins
    ]
    combinations = [_build_combination(pair) for pair in pairs]
    missing = {request.table.pk: request for combination in combinations for request in combination.requests}
    if not missing:
        return combinations
    products = {one.product.pk: one.product for one in missing.values()}
    refusals = find_request_refusals(person, products.values())
    notes = find_request_notes(person, list(missing), now)

    def complete(one: MissingAccess) -> MissingAccess:
        refused, note = refusals.get(one.product.pk), notes.get(one.table.pk)
        return replace(
            one,
            obstacle=refused.reason if refused is not None else _describe_lifecycle(one.product),
            request_id=note.request_id if note else None,
        )

    return [
        replace(combination, requests=tuple(complete(request) for request in combination.requests))
        for combination in combinations
    ]


def _describe_lifecycle(product: DataProduct) -> str:
    if product.lifecycle == ProductLifecycle.DEPRECATED:
        return _("%(product)s is deprecated, so nobody new can request it.") % {"product": product.name}
    return ""


def _build_combination(pair: _Pair) -> Combination:
    join, held = pair.join, pair.find_holdings()
    missing, lacking = ("", ()) if held else pair.describe_missing()
    return Combination(
        partner=pair.partner,
        by=describe_key(join),
        column=f"{pair.table.name}.{join.first.column}",
        partner_column=f"{pair.other_table.name}.{join.second.column}",
        sql=_build_sql(join, *held) if held else "",
        role=held[0].grant.principal.name if held else "",
        missing=missing,
        requests=lacking,
    )


def _list_holdings(grants: Iterable[Grant], table: Table) -> list[_Holding]:
    return [
        _Holding(grant, table, _list_columns(grant, table)) for grant in grants if covers_table(grant, table)
    ]


def _list_columns(grant: Grant, table: Table) -> list[str]:
    named = {name.lower() for name in list_granted_columns(grant, table)}
    return [column.name for column in table.column_facts if not named or column.name.lower() in named]


def _build_sql(join: Join, one: _Holding, other: _Holding) -> str:
    return build_join_sql(_build_side(one, join.first.column), _build_side(other, join.second.column))


def _build_side(holding: _Holding, key: str) -> JoinSide:
    names = build_query_names(holding.grant, holding.table)
    data_type = next(column.type for column in holding.table.column_facts if column.name == key)
    return JoinSide(names.database, names.table, key, holding.columns, get_type_family(data_type))


def build_join_sql(first: JoinSide, second: JoinSide) -> str:
    """Keys of different types are compared as text. Names that both sides have are told apart by the table."""
    chosen = [f"a.{quote_name(name)}" for name in first.shown]
    taken = {name.lower() for name in first.shown}
    for name in second.shown[1:]:
        alias = f" AS {quote_name(f'{second.table}_{name}')}" if name.lower() in taken else ""
        chosen.append(f"b.{quote_name(name)}{alias}")
    left, right = f"a.{quote_name(first.key)}", f"b.{quote_name(second.key)}"
    if first.family != second.family:
        left, right = f"CAST({left} AS varchar)", f"CAST({right} AS varchar)"
    return (
        f"SELECT {', '.join(chosen)}\n"
        f"FROM {quote_name(first.database)}.{quote_name(first.table)} AS a\n"
        f"JOIN {quote_name(second.database)}.{quote_name(second.table)} AS b ON {left} = {right}\n"
        "LIMIT 10"
    )
