"""Which objects make one table: those of a folder that resemble each other, with the folders between as partitions.

Source: Glue Developer Guide, crawler-s3-folder-table-partition and define-crawler (exclusions are globs below the
include path: * and ? stay inside a folder, ** does not; [..] and {a,b}).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mocklake.glue_runs.schemas import Schema


@dataclass(frozen=True)
class Laid:
    """One table as it lies: `prefix` ends with a slash; `parts` are objects' names by their partition's values."""

    prefix: str
    schema: Schema
    keys: tuple[str, ...] = ()
    parts: Mapping[tuple[str, ...], list[str]] = field(default_factory=dict)


def excluded(name: str, globs: Iterable[str]) -> bool:
    """`name` is what stands below the include path."""
    return any(_pattern(glob).fullmatch(name) for glob in globs)


def tables(prefix: str, schemas: Mapping[str, Schema]) -> list[Laid]:
    """`schemas` are by object name, all below the prefix."""
    if not schemas:
        return []
    folders = {name: tuple(name[len(prefix) :].split("/")[:-1]) for name in schemas}
    united = _united(schemas.values())
    if united is not None and len({len(one) for one in folders.values()}) == 1:
        parts: dict[tuple[str, ...], list[str]] = {}
        for name, path in folders.items():
            parts.setdefault(path, []).append(name)
        keys = _keys(list(parts))
        return [Laid(prefix, united, keys, {_values(path): found for path, found in parts.items()})]
    here = {name: schema for name, schema in schemas.items() if not folders[name]}
    found = [] if len(here) == len(schemas) else tables(prefix, here)
    for folder in sorted({path[0] for path in folders.values() if path}):
        below = f"{prefix}{folder}/"
        found += tables(below, {name: one for name, one in schemas.items() if name.startswith(below)})
    return found or [Laid(name, schema, (), {(): [name]}) for name, schema in sorted(here.items())]


def _united(schemas: Iterable[Schema]) -> Schema | None:
    found: Schema | None = None
    for one in schemas:
        if found is not None and not found.resembles(one):
            return None
        found = one if found is None else found.united(one)
    return found


def _keys(paths: list[tuple[str, ...]]) -> tuple[str, ...]:
    """`key=value` where all folders of a level agree on the key, else partition_0 and so on."""
    names = []
    for level in range(len(paths[0])):
        said = {path[level].partition("=")[0].lower() if "=" in path[level] else "" for path in paths}
        names.append(said.pop() if len(said) == 1 and said != {""} else f"partition_{level}")
    return tuple(names)


def _values(path: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.partition("=")[2] if "=" in part else part for part in path)


def _pattern(glob: str) -> re.Pattern[str]:
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
    pieces = re.findall(r"\*\*|\[[^\]]*\]|.", glob)
    depth, text = 0, ""
    for piece in pieces:
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if piece.startswith("[") and len(piece) > 1:
            text += "[" + piece[1:].replace("!", "^", 1) if piece[1] == "!" else piece
        elif piece == "," and depth == 0:
            text += ","
        else:
            text += words.get(piece, re.escape(piece))
    return re.compile(text, re.DOTALL)
