"""One line of what somebody may do: (owner account, region, who, database, table, column).

`who` is an ARN, an account's number for what it may pass on, or `ARN by account` for what that account passed on. Without
a table it is DESCRIBE on the database; the column `*` is a whole table, with columns yet to come; `?` is DESCRIBE on a
table; the table `*` is every table of the database; `cells …` are columns in the rows of a data cells filter, in one line. A `+` before it: it may be passed on.
By LF-Tags, the expression stands for the database, the half with its verb for the column.
"""

from collections.abc import Iterable, Mapping, Sequence

AccessLine = tuple[str, str, str, str, str, str]
DESCRIBE_MARK, ALL_COLUMNS_MARK, CELLS_PREFIX, OPTION_PREFIX, OTHER_VERB_PREFIX = "?", "*", "cells ", "+", "!"
TAG_PERMISSIONS = ("DATABASE DESCRIBE", "TABLE SELECT", "TABLE DESCRIBE")


def format_cells(columns: Iterable[str], rule: str) -> str:
    """What stands for the column where a data cells filter is held."""
    return f"{CELLS_PREFIX}{','.join(sorted(columns))} where {rule or 'all'}"


def format_subgrantee(arn: str, account: str) -> str:
    """Who holds what an account passed on."""
    return f"{arn} by {account}"


def format_tags(expression: Mapping[str, Sequence[str]]) -> str:
    """What stands for the database where LF-Tags are held; AWS folds and sorts them."""
    folded = {key.lower(): sorted(value.lower() for value in values) for key, values in expression.items()}
    return " ".join(["LF-Tags", *(f"{key}={'|'.join(folded[key])}" for key in sorted(folded))])


def to_whole_table(one: AccessLine) -> AccessLine:
    """What stands for a column as well; a database, DESCRIBE and the cells of a filter stand for themselves."""
    option = OPTION_PREFIX if one[5].startswith(OPTION_PREFIX) else ""
    column = one[5].removeprefix(OPTION_PREFIX)
    apart = not one[4] or column == DESCRIBE_MARK or column.startswith(CELLS_PREFIX)
    return one if apart else (*one[:5], f"{option}{ALL_COLUMNS_MARK}")


def is_whole_table(one: AccessLine) -> bool:
    return one[5].removeprefix(OPTION_PREFIX) == ALL_COLUMNS_MARK


def is_implied(one: AccessLine, has: Iterable[AccessLine]) -> bool:
    """Whether it is DESCRIBE on a table of which something can be read: that comes with any SELECT."""
    return one[5].removeprefix(OPTION_PREFIX) == DESCRIBE_MARK and any(
        other[:5] == one[:5]
        and other[5].removeprefix(OPTION_PREFIX)[:1] not in {DESCRIBE_MARK, OTHER_VERB_PREFIX}
        for other in has
    )


def find_redundant_columns(holdings: set[AccessLine]) -> set[AccessLine]:
    """Columns on their own beside the whole table."""
    return {
        one
        for one in holdings
        if not is_whole_table(one) and to_whole_table(one) != one and to_whole_table(one) in holdings
    }


def merge_lines(holdings: Iterable[AccessLine]) -> set[AccessLine]:
    """The union: single columns add nothing to a whole table, DESCRIBE nothing to what can be read."""
    every = set(holdings)
    return {one for one in every - find_redundant_columns(every) if not is_implied(one, every)}
