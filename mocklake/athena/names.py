"""Tables as SQL names them."""

from dataclasses import dataclass

CATALOG = "awsdatacatalog"


@dataclass(frozen=True, order=True)
class TableName:
    """A table as the SQL names it; all parts in lower case as Glue stores them.

    `catalog` is the account's own, or the path of one nested in it (`s3tablescatalog/bucket`).
    """

    database: str
    table: str
    catalog: str = CATALOG
