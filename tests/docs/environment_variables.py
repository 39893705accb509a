"""The environment variables that the code reads, and those that docs/settings.md explains."""

import ast
import re
from functools import cache

from demo.bootstrap import ROOT
from tests.architecture.source import (
    get_called_name,
    get_dotted_name,
    list_files,
    list_test_files,
    parse_file,
)

SETTINGS = ROOT / "marketplace" / "settings.py"
PAGE = ROOT / "docs" / "settings.md"
OURS = re.compile(r"MESHMARKET_[A-Z_]+|(?:[A-Z]+_)?DATABASE_URL|REDIS_URL")
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+) \|$", re.MULTILINE)
LATER = "_PASSWORD"


def list_texts(node: ast.AST) -> list[str]:
    return [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


@cache
def list_read_variables() -> frozenset[str]:
    """Names that settings read, and names of our own that any other file mentions."""
    settings = {
        node.args[0].value
        for node in ast.walk(parse_file(SETTINGS))
        if isinstance(node, ast.Call)
        and (get_dotted_name(node.func).startswith(("env.", "os.environ")))
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    here = {file for file in list_test_files() if not {"compose", "test_environment.py"} & set(file.parts)}
    named = {
        text
        for file in (*list_files(), *here)
        for text in list_texts(parse_file(file))
        if OURS.fullmatch(text)
    }
    return frozenset({str(name) for name in settings} | named)


@cache
def parse_documented_defaults() -> dict[str, str]:
    """Name → the default as the page gives it."""
    return {name: default for name, default, _ in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def parse_defaults() -> dict[str, str]:
    """Name → the default in the settings, as the page writes it; only what is a plain value there."""
    found = {}
    for node in ast.walk(parse_file(SETTINGS)):
        if (
            isinstance(node, ast.Call)
            and get_dotted_name(node.func).startswith("env.")
            and get_called_name(node) != "db_url"
        ):
            given = next((k.value for k in node.keywords if k.arg == "default"), None)
            if isinstance(given, ast.Constant | ast.List):
                found[str(ast.literal_eval(node.args[0]))] = format_default(ast.literal_eval(given))
    return found


def format_default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    text = ",".join(value) if isinstance(value, list) else str(value)
    return f"`{text}`" if text else "empty"
