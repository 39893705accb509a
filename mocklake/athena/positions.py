"""Where in a text something is, as Trino tells it: `line 1:8`, counted from 1."""

from sqlglot import exp


def position_of(node: exp.Expr | None) -> str:
    """Of the first word of it; the beginning where that is not known."""
    if node is None:
        return "line 1:1"
    places = [
        (one.meta["line"], one.meta["col"] - (one.meta["end"] - one.meta["start"]))
        for one in node.walk()
        if "line" in one.meta
    ]
    line, column = min(places, default=(1, 1))
    return f"line {line}:{max(1, column)}"


def identifier_position(tree: exp.Expr, name: str) -> str:
    found = (one for one in tree.find_all(exp.Identifier, bfs=False) if one.name.lower() == name.lower())
    return position_of(next(found, None))
