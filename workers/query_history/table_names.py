"""Finds the table behind a name in a query, through the resource links of the account."""

from typing import Any

from catalog.usage.athena.recording import KnownTable
from catalog.usage.athena.statements import StatementTable
from identity.accounts.models import Account, ConnectedCatalog
from workers.aws.errors import RETRIED_KINDS, AwsError
from workers.aws.glue_lookup import GlueReader

OWN_CATALOGS = frozenset({"", "awsdatacatalog"})
Row = dict[str, Any]


class TableNames:
    """Of one account and region. Each database and table is looked up once."""

    def __init__(self, account: Account, region: str) -> None:
        self._account, self._region = account, region
        self._glue = GlueReader(account, region)
        self._databases: dict[str, Row | None] = {}
        self._found: dict[StatementTable, KnownTable | None] = {}

    def find(self, name: StatementTable) -> KnownTable | None:
        """None for what is of no connected catalog, or is gone. AwsError where AWS cannot be asked just now."""
        if name not in self._found:
            self._found[name] = self._look_up(name)
        return self._found[name]

    def _look_up(self, name: StatementTable) -> KnownTable | None:
        if name.catalog not in OWN_CATALOGS or not name.database:
            return None
        database = self._find_database(name.database)
        if database is None:
            return None
        if target := database.get("TargetDatabase"):
            return self._find_known({**target, "Name": name.name})
        table = _ask(lambda: self._glue.find_table(name.database, name.name))
        target = (table or {}).get("TargetTable")
        own = {"CatalogId": self._account.account_id, "DatabaseName": name.database, "Name": name.name}
        return self._find_known(target or own)

    def _find_database(self, name: str) -> Row | None:
        if name not in self._databases:
            self._databases[name] = _ask(lambda: self._glue.find_database(name))
        return self._databases[name]

    def _find_known(self, target: Row) -> KnownTable | None:
        account, _colon, path = str(target.get("CatalogId", "")).partition(":")
        rows = ConnectedCatalog.objects.filter(
            account__account_id=account, region=target.get("Region") or self._region, path=path
        )
        catalog = rows.values_list("pk", flat=True).first()
        names = str(target.get("DatabaseName", "")).lower(), str(target.get("Name", "")).lower()
        return KnownTable(catalog, *names) if catalog and all(names) else None


def _ask(read: Any) -> Row | None:
    """None for what the observer may not see."""
    try:
        found: Row | None = read()
    except AwsError as error:
        if error.kind in RETRIED_KINDS:
            raise
        return None
    return found
