"""SQL for Athena that joins two tables by a column of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.access.query_examples import quote_name

MAX_COLUMNS = 4
"""Of each side, with its key."""


@dataclass(frozen=True)
class JoinSide:
    """`database` is where the role's account finds the table. `columns` are those that the role may read; `family` is the
    family of the key's type.
    """

    database: str
    table: str
    key: str
    columns: Sequence[str]
    family: str

    @property
    def shown(self) -> list[str]:
        """The key, then the first others."""
        others = [name for name in self.columns if name.lower() != self.key.lower()]
        return [self.key, *others[: MAX_COLUMNS - 1]]


def build_join_sql(first: JoinSide, second: JoinSide) -> str:
    """Keys of different types are compared as text. Names that both sides have are told apart by the table."""
    chosen = [f"a.{quote_name(name)}" for name in first.shown]
    taken = {name.lower() for name in first.shown}
    for name in second.shown[1:]:
        alias = f" AS {quote_name(f'{second.table}_{name}')}" if name.lower() in taken else ""
        chosen.append(f"b.{quote_name(name)}{alias}")
    left, right = f"a.{quote_name(first.key)}", f"b.{quote_name(second.key)}"
    if first.family != second.family:
        left, right = f"CAST({left} AS varchar)", f"CAST({right} AS varchar)"
    return (
        f"SELECT {', '.join(chosen)}\n"
        f"FROM {quote_name(first.database)}.{quote_name(first.table)} AS a\n"
        f"JOIN {quote_name(second.database)}.{quote_name(second.table)} AS b ON {left} = {right}\n"
        "LIMIT 10"
    )
