"""Whom the part *drift* changes something for: roles with standing grants, each on a table, granted anew when lost."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from catalog.mirror.models import Table
from identity.accounts import Principal
from kernel import clock
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import TABLE_LINKS
from requests_app.grants.models import Grant
from tools.chaos.actors.bulk_requests import RequestingPeople, TableRequest
from tools.chaos.actors.outside_changes import HYBRID_TABLE, GrantHolder
from tools.chaos.actors.requests import ROLE_PREFIX, read_iam_only_tables
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.people import find_account_admin

GRANT_DURATION = timedelta(days=60)
MIN_COLUMNS = 3
ROW_FILTER_SHARE = 0.3
"""The part of the grants that is for some rows: on one table for the same ones, so that they share a filter."""
MAX_ROW_FILTERS = 2
"""On one table: what is changed of their filter is one change, however many share it."""
RoleTable = tuple[str, tuple[str, str]]
"""A role by its ARN and a table by database and name: both may be made anew under their names."""


class GrantHolders:
    """At most so many `holders`, on pairs by lot; a tenth of them on the table in hybrid access mode. In the account that has
    the first of them in order granted tables land by links of their own.
    """

    def __init__(self, stage: InProcessEnvironment, seed: int, most: int) -> None:
        self._lots = random.Random(f"drift-stock-{seed}")
        self._open = read_iam_only_tables(stage)
        self._people = RequestingPeople()
        self._asks = 0
        self._most = most
        _choose_table_links()
        self.holders: list[GrantHolder] = []
        pairs = [(role, table) for role in sorted(_list_roles()) for table in sorted(self._list_tables())]
        self._lots.shuffle(pairs)
        hybrid = [pair for pair in pairs if pair[1] == HYBRID_TABLE][: max(2, most // 10)]
        self._wanted: list[RoleTable] = [*hybrid, *(pair for pair in pairs if pair[1] != HYBRID_TABLE)]
        self.fill()

    def fill(self) -> None:
        """Grants what is lacking; a pair on which nobody else than its role's people may decide is left out."""
        roles, tables = _list_roles(), self._list_tables()
        while self._wanted and (room := self._most - len(self.holders)) > 0:
            by_role: dict[str, list[Table]] = defaultdict(list)
            for arn, name in self._wanted[:room]:
                by_role[arn].append(tables[name])
            del self._wanted[:room]
            for arn, some in by_role.items():
                self.holders += self._grant_tables(roles[arn], some)

    def end_grants(self, lost: Collection[GrantHolder]) -> None:
        """Ends these grants; `fill` grants the same anew, once the mirror knows what was made anew."""
        ids = [grant_holder.grant.pk for grant_holder in lost]
        live = set(Grant.objects.filter(pk__in=ids, ended_at=None).values_list("pk", flat=True))
        self._people.revoke(
            [grant_holder.grant for grant_holder in lost if grant_holder.grant.pk in live],
            "Lost by what somebody did",
        )
        for holder in lost:
            self.holders.remove(holder)
            self._wanted.insert(0, (holder.role.arn, holder.table_name))

    def _list_tables(self) -> dict[tuple[str, str], Table]:
        tables = Table.objects.select_related("database__catalog__account").filter(
            tombstoned_at=None, database__domain__isnull=False
        )
        named = {(table.database.name, table.name): table for table in tables}
        return {
            name: one
            for name, one in named.items()
            if name not in self._open and len(_list_columns(one)) >= MIN_COLUMNS
        }

    def _grant_tables(self, role: Principal, tables: Sequence[Table]) -> Iterator[GrantHolder]:
        """By one request, which is looked at as a whole; of a table that is refused there is none."""
        wanted = {table.pk: self._build_request(table) for table in tables}
        self._asks += 1
        purpose, key = "Is changed behind the portal", f"drift-{self._asks}"
        items = self._people.submit(
            role, [*wanted.values()], duration=GRANT_DURATION, purpose=purpose, key=key
        )
        for grant in self._people.approve_all(items):
            yield _build_holder(role, wanted[grant.table_id], grant)

    def _build_request(self, table: Table) -> TableRequest:
        names = _list_columns(table)
        name = table.database.name, table.name
        is_ruled = may_have_row_filter(name, self.holders) and self._lots.random() < ROW_FILTER_SHARE
        return TableRequest(table, tuple(names[:2]), f'"{names[0]}" IS NOT NULL' if is_ruled else "")


def _build_holder(role: Principal, wanted: TableRequest, grant: Grant) -> GrantHolder:
    table, names = wanted.table, _list_columns(wanted.table)
    by_table = role.account.uses_table_links(table.database.catalog_id, table.database.name)
    return GrantHolder(role, table, grant, names[:2], names[2:], bool(wanted.row_filter), by_table)


def may_have_row_filter(name: tuple[str, str], holders: Collection[GrantHolder]) -> bool:
    """Whether one more grant on that table may be for some rows alone."""
    return (
        name != HYBRID_TABLE
        and sum(holder.has_row_filter and holder.table_name == name for holder in holders) < MAX_ROW_FILTERS
    )


def _choose_table_links() -> None:
    account = min(_list_roles().items())[1].account
    choose_link_naming(
        acting_user=find_account_admin(account),
        account_id=account.account_id,
        database="",
        link_naming=TABLE_LINKS,
        now=clock.now(),
    )


def _list_roles() -> dict[str, Principal]:
    principals = Principal.objects.select_related("account__team").filter(
        name__startswith=ROLE_PREFIX, gone_at=None
    )
    return {role.arn: role for role in principals}


def _list_columns(table: Table) -> list[str]:
    named = table.columns.filter(is_partition_key=False).order_by("position")
    return list(named.values_list("name", flat=True))
