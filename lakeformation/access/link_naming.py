"""The names under which granted data is found in the consumer's catalog."""

import hashlib
from functools import lru_cache

from lakeformation.values.permissions import DataCatalog


@lru_cache(maxsize=4096)
def link_name(database: str, target: DataCatalog) -> str:
    """`<database>_<8 hex of the owner's catalog>`: links of two owners never collide."""
    tail = hashlib.sha256(f"{target.account}/{target.region}".encode()).hexdigest()[:8]
    return f"{database}_{tail}"


def link_database_name(database: str, target: DataCatalog) -> str:
    """`<database>_<8 hex of the owner's catalog>_tables`: no link to a database has such a name, which ends in hex."""
    return f"{link_name(database, target)}_tables"
