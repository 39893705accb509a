"""One line of what somebody may do: (owner account, region, who, database, table, column).

`who` is an ARN, an account's number for what it may pass on, or `ARN by account` for what that account passed on. Without
a table it is DESCRIBE on the database; the column `*` is a whole table, with columns yet to come; `?` is DESCRIBE on a
table; the table `*` is every table of the database; `cells …` are columns in the rows of a data cells filter, in one line. A `+` before it: it may be passed on.
By LF-Tags, the expression stands for the database, the half with its verb for the column.
"""

from collections.abc import Iterable, Mapping, Sequence

Holding = tuple[str, str, str, str, str, str]
DESCRIBED, EVERY, CELLS, OPTION, OTHER_VERB = "?", "*", "cells ", "+", "!"
HALVES = ("DATABASE DESCRIBE", "TABLE SELECT", "TABLE DESCRIBE")


def cells(columns: Iterable[str], rule: str) -> str:
    """What stands for the column where a data cells filter is held."""
    return f"{CELLS}{','.join(sorted(columns))} where {rule or 'all'}"


def passed_on(arn: str, account: str) -> str:
    """Who holds what an account passed on."""
    return f"{arn} by {account}"


def tagged(expression: Mapping[str, Sequence[str]]) -> str:
    """What stands for the database where LF-Tags are held; AWS folds and sorts them."""
    folded = {key.lower(): sorted(value.lower() for value in values) for key, values in expression.items()}
    return " ".join(["LF-Tags", *(f"{key}={'|'.join(folded[key])}" for key in sorted(folded))])


def whole(one: Holding) -> Holding:
    """What stands for a column as well; a database, DESCRIBE and the cells of a filter stand for themselves."""
    option = OPTION if one[5].startswith(OPTION) else ""
    column = one[5].removeprefix(OPTION)
    apart = not one[4] or column == DESCRIBED or column.startswith(CELLS)
    return one if apart else (*one[:5], f"{option}{EVERY}")


def is_whole(one: Holding) -> bool:
    return one[5].removeprefix(OPTION) == EVERY


def is_implied(one: Holding, has: Iterable[Holding]) -> bool:
    """Whether it is DESCRIBE on a table of which something can be read: that comes with any SELECT."""
    return one[5].removeprefix(OPTION) == DESCRIBED and any(
        other[:5] == one[:5] and other[5].removeprefix(OPTION)[:1] not in {DESCRIBED, OTHER_VERB}
        for other in has
    )


def beside_whole(holdings: set[Holding]) -> set[Holding]:
    """Columns on their own beside the whole table."""
    return {one for one in holdings if not is_whole(one) and whole(one) != one and whole(one) in holdings}


def merged(holdings: Iterable[Holding]) -> set[Holding]:
    """The union: single columns add nothing to a whole table, DESCRIBE nothing to what can be read."""
    every = set(holdings)
    return {one for one in every - beside_whole(every) if not is_implied(one, every)}
