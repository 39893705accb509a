"""Whom the part *drift* changes something for: roles with standing grants, each on a table, granted anew when lost."""

import random
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from audit import clock
from catalog.models import Table
from demo.chaos.asks import PREFIX, read_open_to_all
from demo.chaos.behind import HYBRID, Holder
from demo.chaos.inside import Inside
from demo.people import admin_of, agree, ask, take_back
from identity.models import Principal
from requests_app.actions import ItemAsk
from requests_app.errors import RefusedError
from requests_app.landing.actions import choose_landing
from requests_app.landing.choices import TABLES
from requests_app.models import Grant

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
        while self._wanted and len(self.holders) < self._most:
            arn, name = self._wanted.pop(0)
            with suppress(RefusedError):
                self.holders.append(self._granted(roles[arn], tables[name]))

    def give_up(self, lost: Collection[Holder]) -> None:
        """Ends these grants; `fill` grants the same anew, once the mirror knows what was made anew."""
        for holder in lost:
            if Grant.objects.filter(pk=holder.grant.pk, ended_at=None).exists():
                take_back(holder.grant, "Lost by what somebody did")
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

    def _granted(self, role: Principal, table: Table) -> Holder:
        self._asks += 1
        names = _columns(table)
        is_ruled = (
            may_be_ruled((table.database.name, table.name), self.holders) and self._lots.random() < RULED
        )
        rule = f'"{names[0]}" IS NOT NULL' if is_ruled else ""
        wanted, key = ItemAsk(table.pk, tuple(names[:2]), False, None, rule), f"drift-{self._asks}"
        grant = agree(ask(role, wanted, lasts=LASTS, purpose="Is changed behind the portal", key=key))
        by_table = role.account.lands_by_table(table.database.catalog_id, table.database.name)
        return Holder(role, table, grant, names[:2], names[2:], is_ruled, by_table)


def may_be_ruled(name: tuple[str, str], holders: Collection[Holder]) -> bool:
    """Whether one more grant on that table may be for some rows alone."""
    return name != HYBRID and sum(one.is_ruled and one.name == name for one in holders) < MOST_RULED


def _choose_table_links() -> None:
    account = min(_roles().items())[1].account
    choose_landing(
        acting_user=admin_of(account), account_id=account.account_id, database="", way=TABLES, now=clock.now()
    )


def _roles() -> dict[str, Principal]:
    found = Principal.objects.select_related("account__team").filter(name__startswith=PREFIX, gone_at=None)
    return {role.arn: role for role in found}


def _columns(table: Table) -> list[str]:
    named = table.columns.filter(is_partition_key=False).order_by("position")
    return list(named.values_list("name", flat=True))
