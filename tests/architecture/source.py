"""The project's Python files as syntax trees, and the table of who may import whom."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from demo.bootstrap import ROOT

LAYERS: tuple[frozenset[str], ...] = (
    frozenset({"kernel", "lakeformation"}),
    frozenset({"audit", "background"}),
    frozenset({"decisions"}),
    frozenset({"identity"}),
    frozenset({"fulfilment"}),
    frozenset({"catalog"}),
    frozenset({"requests_app"}),
    frozenset({"portal", "workers"}),
    frozenset({"marketplace"}),
)
SHIPPED = tuple(sorted(name for layer in LAYERS for name in layer))
PACKAGES = (*SHIPPED, "mocklake", "demo", "tools")
TESTS = ("tests", "mocklake/tests")
LABELS = {"requests": "requests_app"}
"""Django app labels that are not the package's name."""


def get_allowed_imports() -> dict[str, frozenset[str]]:
    """By package, the packages of ours that it may import: all beneath it, none beside it."""
    allowed = {
        "mocklake": frozenset({"mocklake"}),
        "demo": frozenset(PACKAGES) - {"tools"},
        "tools": frozenset(PACKAGES),
    }
    beneath: frozenset[str] = frozenset()
    for layer in LAYERS:
        for name in layer:
            allowed[name] = beneath | {name}
        beneath |= layer
    return allowed


@cache
def list_files(*packages: str) -> tuple[Path, ...]:
    """Python files of the packages (all of ours when none is named), migrations and mocklake's tests apart."""
    found = (file for name in packages or PACKAGES for file in (ROOT / name).rglob("*.py"))
    others = (ROOT / "mocklake" / "tests").rglob("*.py")
    ours = {file for file in found if "migrations" not in file.relative_to(ROOT).parts}
    return tuple(sorted(ours - set(others)))


@cache
def list_migrations() -> tuple[Path, ...]:
    found = (file for name in PACKAGES for file in (ROOT / name).rglob("migrations/*.py"))
    return tuple(sorted(found))


@cache
def list_test_files() -> tuple[Path, ...]:
    return tuple(sorted(file for folder in TESTS for file in (ROOT / folder).rglob("*.py")))


@cache
def parse_file(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


@cache
def list_nodes(file: Path) -> tuple[ast.AST, ...]:
    """Every node of the file's tree, walked once for all tests."""
    return tuple(ast.walk(parse_file(file)))


@cache
def read_lines(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8").splitlines())


def format_location(file: Path, node: ast.AST | None = None) -> str:
    """`package/module.py:12`, as a person clicks on it."""
    number = getattr(node, "lineno", 0)
    return f"{file.relative_to(ROOT)}:{number}" if number else str(file.relative_to(ROOT))


def get_package(file: Path) -> str:
    return file.relative_to(ROOT).parts[0]


def get_module(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def get_imported_names(node: ast.AST) -> list[str]:
    """Dotted names that an import statement names; empty for anything else."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def list_imports(file: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every import of the file, at whatever depth."""
    for node in list_nodes(file):
        for name in get_imported_names(node):
            yield node, name


def list_functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in list_nodes(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def get_called_name(node: ast.Call) -> str:
    """The last part of what is called: `get_model` of `apps.get_model(...)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def get_dotted_name(node: ast.AST) -> str:
    """`a.b.c` of an attribute or name; empty for anything else."""
    if isinstance(node, ast.Attribute):
        inner = get_dotted_name(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    return node.id if isinstance(node, ast.Name) else ""
