"""Names, values and types in the text of a statement."""

HIVE_BRACKETS, DUCKDB_BRACKETS = ("<(", ">)"), ("(", ")")


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def split_types(inner: str, brackets: tuple[str, str] = HIVE_BRACKETS) -> list[str]:
    """What stands between the commas that lie in no brackets of their own."""
    opening, closing = brackets
    found, depth = [""], 0
    for sign in inner:
        depth += (sign in opening) - (sign in closing)
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return [one.strip() for one in found]
