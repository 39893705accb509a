"""The environment variables that the code reads, and those that docs/settings.md explains."""

import ast
import re
from functools import cache

from demo.bootstrap import ROOT
from tests.architecture.source import called, dotted, files, files_of_tests, tree

SETTINGS = ROOT / "marketplace" / "settings.py"
PAGE = ROOT / "docs" / "settings.md"
OURS = re.compile(r"MESHMARKET_[A-Z_]+|(?:[A-Z]+_)?DATABASE_URL|REDIS_URL")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
LATER = "_PASSWORD"


def texts(node: ast.AST) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


@cache
def read() -> frozenset[str]:
    """Names that settings read, and names of our own that any other file mentions."""
    settings = {
        node.args[0].value
        for node in ast.walk(tree(SETTINGS))
        if isinstance(node, ast.Call)
        and (dotted(node.func).startswith(("env.", "os.environ")))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    here = {file for file in files_of_tests() if "compose" not in file.parts}
    named = {text for file in (*files(), *here) for text in texts(tree(file)) if OURS.fullmatch(text)}
    return frozenset({str(name) for name in settings} | named)


@cache
def explained() -> dict[str, str]:
    """Name → the default as the page gives it."""
    return {name: default for name, default, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def defaults() -> dict[str, str]:
    """Name → the default in the settings, as the page writes it; only what is a plain value there."""
    found = {}
    for node in ast.walk(tree(SETTINGS)):
        if isinstance(node, ast.Call) and dotted(node.func).startswith("env.") and called(node) != "db_url":
            given = next((k.value for k in node.keywords if k.arg == "default"), None)
            if isinstance(given, ast.Constant | ast.List):
                found[str(ast.literal_eval(node.args[0]))] = shown(ast.literal_eval(given))
    return found


def shown(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"`{text}`" if text else "empty"
