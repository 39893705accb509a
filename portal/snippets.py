"""The line that one copies and runs: a query in the words of the person's own account."""

import re
from collections.abc import Iterable

from catalog.models import Column, Table
from fulfilment.observed import place_of
from identity.models import Account
from lakeformation.atoms import Place
from lakeformation.wanted import landing_name, link_name

MOST_COLUMNS = 4
PLAIN = re.compile(r"[a-z][a-z0-9_]*")


def athena(table: Table, columns: Iterable[Column], account: Account | None) -> str:
    """Through what the workers make there, unless the person's account owns the catalog."""
    names = [column.name for column in columns if column.classification != "sensitive"][:MOST_COLUMNS]
    listed = ",\n       ".join(quoted(name) for name in names) or "*"
    return f"SELECT {listed}\nFROM {quoted(landed_in(table, account))}.{quoted(table.name)}\nLIMIT 10;"


def quoted(name: str) -> str:
    """Bare where Athena takes it bare."""
    if PLAIN.fullmatch(name):
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def landed_in(table: Table, account: Account | None) -> str:
    """The database in which the account finds the table, once it is granted: that of the resource link, or the table's
    own.
    """
    catalog = table.database.catalog
    place = place_of(catalog)
    if account and Place(account.account_id, account.region) == place:
        return table.database.name
    if account and account.lands_by_table(catalog.pk, table.database.name):
        return landing_name(table.database.name, place)
    return link_name(table.database.name, place)
