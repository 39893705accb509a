"""Finds databases and tables by name, also where AWS answers *denied* for what does not exist.

Lake Formation may hide that something is missing from whoever could not make it (field report: waggle-dance
#359). Then a complete listing decides, by a reader of whom the account's settings say that it sees everything.
"""

from collections.abc import Callable, Collection
from typing import Any

from identity.accounts.models import Account
from workers.aws import account_setup, reads
from workers.aws import glue as listings
from workers.aws.errors import AwsError, ErrorKind
from workers.aws.sessions import get_client


class GlueReader:
    """Reads Glue as an account's observer in one region. Each read is complete or raises AwsError.

    `path` is of a catalog within the account's own.
    """

    def __init__(self, account: Account, region: str, path: str = "") -> None:
        self._account, self._region = account, region
        self._catalog = ":".join(filter(None, [account.account_id, path]))
        self._glue = self._client("glue")
        self._sees_all: bool | None = None

    def _client(self, service: str) -> Any:
        return get_client(service, account=self._account, role="observer", region=self._region)

    def find_database(self, name: str) -> dict[str, Any] | None:
        """A Glue database, or None when there is none of this name."""
        return self._read_or_check_listing(
            lambda: reads.find_database(self._glue, self._catalog, name), lambda: self._has_database(name)
        )

    def find_databases(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """Those of these Glue databases that are there, by name. The account's list is read as long as that takes fewer
        calls; who may not see one finds it in no list, so what it lacks is asked for by itself.
        """
        listed = self._find_in_listing(set(names)) if len(set(names)) > 1 else {}
        found = ((name, listed.get(name) or self.find_database(name)) for name in sorted(set(names)))
        return {name: row for name, row in found if row is not None}

    def _find_in_listing(self, sought: set[str]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for number, page in enumerate(listings.iterate_database_pages(self._glue, self._catalog), start=1):
            found |= {row["Name"]: row for row in page if row["Name"] in sought}
            if len(sought) - len(found) <= number:
                break
        return found

    def find_table(self, database: str, name: str) -> dict[str, Any] | None:
        """A Glue table, or None when there is none of this name."""
        return self._read_or_check_listing(
            lambda: reads.find_table(self._glue, self._catalog, database, name),
            lambda: self._has_table(database, name),
        )

    def list_tables(self, database: str) -> list[dict[str, Any]]:
        """Of a database that is there, all that lies in it."""
        return reads.list_tables(self._glue, self._catalog, database)

    def _read_or_check_listing(
        self, read: Callable[[], dict[str, Any] | None], is_listed: Callable[[], bool]
    ) -> dict[str, Any] | None:
        try:
            return read()
        except AwsError as error:
            if error.kind is ErrorKind.DENIED and self._sees_everything() and not is_listed():
                return None
            raise

    def _sees_everything(self) -> bool:
        if self._sees_all is None:
            self._sees_all = account_setup.is_administrator(
                self._client("lakeformation"), self._account.account_id, self._account.observer_role_arn
            )
        return self._sees_all

    def _has_database(self, name: str) -> bool:
        pages = listings.iterate_database_pages(self._glue, self._catalog)
        return any(row["Name"] == name for page in pages for row in page)

    def _has_table(self, database: str, name: str) -> bool:
        """Of a database that is not there nothing is listed, not even that it has no tables."""
        return self._has_database(database) and any(
            row["Name"] == name
            for row in reads.list_tables_matching(self._glue, self._catalog, database, name)
        )
