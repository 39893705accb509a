"""The kinds of statements that Athena runs, told by their first words."""

import re
from enum import StrEnum


class Kind(StrEnum):
    """The value is Athena's SubstatementType."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    DELETE = "DELETE"
    UPDATE = "UPDATE"
    MERGE = "MERGE"
    UNLOAD = "UNLOAD"
    OPTIMIZE = "OPTIMIZE"
    VACUUM = "VACUUM"
    EXPLAIN = "EXPLAIN"
    PREPARE = "PREPARE"
    EXECUTE = "EXECUTE"
    DEALLOCATE = "DEALLOCATE"
    CREATE_DATABASE = "CREATE_DATABASE"
    CREATE_TABLE = "CREATE_TABLE"
    CREATE_TABLE_AS_SELECT = "CREATE_TABLE_AS_SELECT"
    CREATE_VIEW = "CREATE_VIEW"
    ALTER_DATABASE = "ALTER_DATABASE"
    ALTER_TABLE = "ALTER_TABLE"
    ALTER_VIEW = "ALTER_VIEW"
    DROP_DATABASE = "DROP_DATABASE"
    DROP_TABLE = "DROP_TABLE"
    DROP_VIEW = "DROP_VIEW"
    MSCK = "MSCK"
    SHOW_COLUMNS = "SHOW_COLUMNS"
    SHOW_CREATE_TABLE = "SHOW_CREATE_TABLE"
    SHOW_CREATE_VIEW = "SHOW_CREATE_VIEW"
    SHOW_DATABASES = "SHOW_DATABASES"
    SHOW_PARTITIONS = "SHOW_PARTITIONS"
    SHOW_TABLES = "SHOW_TABLES"
    SHOW_TBLPROPERTIES = "SHOW_TBLPROPERTIES"
    SHOW_VIEWS = "SHOW_VIEWS"
    DESCRIBE_TABLE = "DESCRIBE_TABLE"
    DESCRIBE_VIEW = "DESCRIBE_VIEW"

    @property
    def statement_type(self) -> str:
        if self in _DML:
            return "DML"
        return "UTILITY" if self in _UTILITY else "DDL"

    @property
    def has_heading(self) -> bool:
        """Whether the column names are the first row of the result."""
        return self in (Kind.SELECT, Kind.EXECUTE)

    @property
    def has_tree(self) -> bool:
        """Whether sqlglot reads the text whole."""
        return self in _TREES


_DML = {
    Kind.SELECT, Kind.INSERT, Kind.DELETE, Kind.UPDATE, Kind.MERGE, Kind.UNLOAD, Kind.OPTIMIZE, Kind.VACUUM,
    Kind.EXECUTE,
}  # fmt: skip
_UTILITY = {kind for kind in Kind if kind.startswith(("SHOW_", "DESCRIBE_", "EXPLAIN"))}
_TREES = {
    Kind.SELECT, Kind.INSERT, Kind.DELETE, Kind.UPDATE, Kind.MERGE, Kind.CREATE_TABLE, Kind.CREATE_VIEW,
    Kind.DROP_DATABASE, Kind.DROP_TABLE, Kind.DROP_VIEW,
}  # fmt: skip
_FIRST_WORDS = (
    (r"SELECT|WITH|VALUES|TABLE|\(", Kind.SELECT),
    (r"INSERT\s+INTO", Kind.INSERT),
    (r"DELETE\s+FROM", Kind.DELETE),
    (r"UPDATE", Kind.UPDATE),
    (r"MERGE\s+INTO", Kind.MERGE),
    (r"UNLOAD", Kind.UNLOAD),
    (r"OPTIMIZE", Kind.OPTIMIZE),
    (r"VACUUM", Kind.VACUUM),
    (r"EXPLAIN", Kind.EXPLAIN),
    (r"PREPARE", Kind.PREPARE),
    (r"EXECUTE", Kind.EXECUTE),
    (r"DEALLOCATE\s+PREPARE", Kind.DEALLOCATE),
    (r"CREATE\s+(?:DATABASE|SCHEMA)", Kind.CREATE_DATABASE),
    (r"CREATE\s+(?:EXTERNAL\s+)?TABLE", Kind.CREATE_TABLE),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:PROTECTED\s+MULTI\s+DIALECT\s+)?VIEW", Kind.CREATE_VIEW),
    (r"ALTER\s+(?:DATABASE|SCHEMA)", Kind.ALTER_DATABASE),
    (r"ALTER\s+TABLE", Kind.ALTER_TABLE),
    (r"ALTER\s+VIEW", Kind.ALTER_VIEW),
    (r"DROP\s+(?:DATABASE|SCHEMA)", Kind.DROP_DATABASE),
    (r"DROP\s+TABLE", Kind.DROP_TABLE),
    (r"DROP\s+VIEW", Kind.DROP_VIEW),
    (r"MSCK\s+REPAIR\s+TABLE", Kind.MSCK),
    (r"SHOW\s+COLUMNS", Kind.SHOW_COLUMNS),
    (r"SHOW\s+CREATE\s+TABLE", Kind.SHOW_CREATE_TABLE),
    (r"SHOW\s+CREATE\s+VIEW", Kind.SHOW_CREATE_VIEW),
    (r"SHOW\s+(?:DATABASES|SCHEMAS)", Kind.SHOW_DATABASES),
    (r"SHOW\s+PARTITIONS", Kind.SHOW_PARTITIONS),
    (r"SHOW\s+TABLES", Kind.SHOW_TABLES),
    (r"SHOW\s+TBLPROPERTIES", Kind.SHOW_TBLPROPERTIES),
    (r"SHOW\s+VIEWS", Kind.SHOW_VIEWS),
    (r"DESC(?:RIBE)?\s+VIEW", Kind.DESCRIBE_VIEW),
    (r"DESC(?:RIBE)?", Kind.DESCRIBE_TABLE),
)
_KINDS = tuple(
    (re.compile(rf"\s*(?:{words})(?:(?<=\()|(?!\w))", re.IGNORECASE), kind) for words, kind in _FIRST_WORDS
)


def kind_of(text: str) -> Kind | None:
    return next((kind for words, kind in _KINDS if words.match(text)), None)
