"""Which resources a RAM share must hold so that a permission on them reaches another account.

Sources: Lake Formation Developer Guide, optimize-ram: a share holds the databases and tables that were granted, from
version 5 on wildcards. That a permission by LF-Tags is carried by wildcards is an assumption.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from lakeformation.values.permissions import ALL_TABLES, DataCatalog, Permission

ANY = "*"


@dataclass(frozen=True, order=True)
class SharedResource:
    """A database or table of Glue. Any one of `arns` in a share carries it: its own first, then wider ones."""

    name: str
    arns: tuple[str, ...]

    def is_in(self, resources: Collection[str]) -> bool:
        return any(arn in resources for arn in self.arns)


def list_shared_resources(permission: Permission) -> Iterator[SharedResource]:
    """What a permission in the owner's catalog needs in a share with the account of its principal."""
    if permission.policy:
        yield _build_database(permission.catalog, ANY)
        if permission.policy.kind == "TABLE":
            yield _build_table(permission.catalog, ANY, ANY)
        return
    yield _build_database(permission.catalog, permission.database)
    if permission.table:
        yield _build_table(permission.catalog, permission.database, permission.table)


def _build_database(catalog: DataCatalog, database: str) -> SharedResource:
    name = "every database" if database == ANY else f"database {database}"
    return SharedResource(name, _widen(catalog, f"database/{database}", "database/*"))


def _build_table(catalog: DataCatalog, database: str, table: str) -> SharedResource:
    name = f"table {database}.{table}"
    if table == ALL_TABLES:
        name = "every table" if database == ANY else f"every table of {database}"
    return SharedResource(
        name, _widen(catalog, f"table/{database}/{table}", f"table/{database}/*", "table/*/*")
    )


def _widen(catalog: DataCatalog, *paths: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"arn:aws:glue:{catalog.region}:{catalog.account}:{path}" for path in paths))
