"""Whom the part *drift* changes something for: roles with standing grants, each on a table, granted anew when lost."""

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from audit import clock
from catalog.mirror.models import Table
from identity.accounts.models import Principal
from requests_app.grants.link_naming.actions import choose_link_naming
from requests_app.grants.link_naming.queries import TABLE_LINKS
from requests_app.grants.models import Grant
from tools.chaos.actors.bulk_requests import People, Want
from tools.chaos.actors.outside_changes import HYBRID, Holder
from tools.chaos.actors.requests import PREFIX, read_open_to_all
from tools.environment.in_process_environment import Inside
from tools.environment.people import admin_of

LASTS = timedelta(days=60)
LEAST_COLUMNS = 3
RULED = 0.3
"""The part of the grants that is for some rows: on one table for the same ones, so that they share a filter."""
MOST_RULED = 2
"""On one table: what is changed of their filter is one change, however many share it."""
Pair = tuple[str, tuple[str, str]]
"""A role by its ARN and a table by database and name: both may be made anew under their names."""


class Stock:
    """At most so many `holders`, on pairs by lot; a tenth of them on the table in hybrid access mode. In the account that has
    the first of them in order granted tables land by links of their own.
    """

    def __init__(self, stage: Inside, seed: int, most: int) -> None:
        self._lots = random.Random(f"drift-stock-{seed}")
        self._open = read_open_to_all(stage)
        self._people = People()
        self._asks = 0
        self._most = most
        _choose_table_links()
        self.holders: list[Holder] = []
        pairs = [(role, table) for role in sorted(_roles()) for table in sorted(self._tables())]
        self._lots.shuffle(pairs)
        hybrid = [pair for pair in pairs if pair[1] == HYBRID][: max(2, most // 10)]
        self._wanted: list[Pair] = [*hybrid, *(pair for pair in pairs if pair[1] != HYBRID)]
        self.fill()

    def fill(self) -> None:
        """Grants what is lacking; a pair on which nobody else than its role's people may decide is left out."""
        roles, tables = _roles(), self._tables()
        while self._wanted and (room := self._most - len(self.holders)) > 0:
            by_role: dict[str, list[Table]] = defaultdict(list)
            for arn, name in self._wanted[:room]:
                by_role[arn].append(tables[name])
            del self._wanted[:room]
            for arn, some in by_role.items():
                self.holders += self._granted(roles[arn], some)

    def give_up(self, lost: Collection[Holder]) -> None:
        """Ends these grants; `fill` grants the same anew, once the mirror knows what was made anew."""
        ids = [one.grant.pk for one in lost]
        live = set(Grant.objects.filter(pk__in=ids, ended_at=None).values_list("pk", flat=True))
        self._people.end([one.grant for one in lost if one.grant.pk in live], "Lost by what somebody did")
        for holder in lost:
            self.holders.remove(holder)
            self._wanted.insert(0, (holder.role.arn, holder.name))

    def _tables(self) -> dict[tuple[str, str], Table]:
        found = Table.objects.select_related("database__catalog__account").filter(
            tombstoned_at=None, database__domain__isnull=False
        )
        named = {(one.database.name, one.name): one for one in found}
        return {
            name: one
            for name, one in named.items()
            if name not in self._open and len(_columns(one)) >= LEAST_COLUMNS
        }

    def _granted(self, role: Principal, tables: Sequence[Table]) -> Iterator[Holder]:
        """By one request, which is looked at as a whole; of a table that is refused there is none."""
        wanted = {table.pk: self._wanted_of(table) for table in tables}
        self._asks += 1
        purpose, key = "Is changed behind the portal", f"drift-{self._asks}"
        items = self._people.ask(role, [*wanted.values()], lasts=LASTS, purpose=purpose, key=key)
        for grant in self._people.agree(items):
            yield _holder(role, wanted[grant.table_id], grant)

    def _wanted_of(self, table: Table) -> Want:
        names = _columns(table)
        name = table.database.name, table.name
        is_ruled = may_be_ruled(name, self.holders) and self._lots.random() < RULED
        return Want(table, tuple(names[:2]), f'"{names[0]}" IS NOT NULL' if is_ruled else "")


def _holder(role: Principal, wanted: Want, grant: Grant) -> Holder:
    table, names = wanted.table, _columns(wanted.table)
    by_table = role.account.lands_by_table(table.database.catalog_id, table.database.name)
    return Holder(role, table, grant, names[:2], names[2:], bool(wanted.row_rule), by_table)


def may_be_ruled(name: tuple[str, str], holders: Collection[Holder]) -> bool:
    """Whether one more grant on that table may be for some rows alone."""
    return name != HYBRID and sum(one.is_ruled and one.name == name for one in holders) < MOST_RULED


def _choose_table_links() -> None:
    account = min(_roles().items())[1].account
    choose_link_naming(
        acting_user=admin_of(account),
        account_id=account.account_id,
        database="",
        way=TABLE_LINKS,
        now=clock.now(),
    )


def _roles() -> dict[str, Principal]:
    found = Principal.objects.select_related("account__team").filter(name__startswith=PREFIX, gone_at=None)
    return {role.arn: role for role in found}


def _columns(table: Table) -> list[str]:
    named = table.columns.filter(is_partition_key=False).order_by("position")
    return list(named.values_list("name", flat=True))
