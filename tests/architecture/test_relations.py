"""Relations that no import statement shows obey the table of imports as well."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    LABELS,
    called,
    dotted,
    files,
    may_import,
    migrations,
    nodes,
    package_of,
    shown,
)

RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField"}
OF_DJANGO = {"auth", "contenttypes", "sessions", "admin", "self"}
SETTING_OF_PERSON = "settings.AUTH_USER_MODEL"


def package_of_label(label: str) -> str:
    return LABELS.get(label, label)


def texts(node: ast.Call) -> Iterator[str]:
    for part in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "to")]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def named_packages(file: Path) -> Iterator[tuple[ast.Call, str]]:
    """Packages that string relations and `get_model` name."""
    for node in nodes(file):
        if not isinstance(node, ast.Call):
            continue
        first = next(texts(node), "")
        if called(node) in RELATIONS and "." in first:
            yield node, package_of_label(first.split(".")[0])
        if called(node) == "get_model" and first:
            yield node, package_of_label(first.split(".")[0])


def is_forbidden(file: Path, name: str) -> bool:
    return name not in may_import()[package_of(file)] | OF_DJANGO


def test_relations_by_name_obey_the_table_of_imports() -> None:
    wrong = [
        f"{shown(file, node)} names {name}"
        for file in (*files(), *migrations())
        for node, name in named_packages(file)
        if is_forbidden(file, name)
    ]
    assert not wrong, "\n".join(wrong)


def is_dependencies(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and dotted(node.targets[0]) in {"dependencies", "run_before"}


def dependencies(file: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in filter(is_dependencies, nodes(file)):
        for pair in ast.walk(node):
            if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                yield pair, package_of_label(str(pair.elts[0].value))


def test_migrations_depend_on_nothing_above_them() -> None:
    wrong = [
        f"{shown(file, node)} depends on {name}"
        for file in migrations()
        for node, name in dependencies(file)
        if is_forbidden(file, name)
    ]
    assert not wrong, "\n".join(wrong)


def protects(relation: ast.Call) -> bool:
    return any(k.arg == "on_delete" and dotted(k.value).endswith("PROTECT") for k in relation.keywords)


def test_every_relation_protects() -> None:
    """A row that something refers to is never deleted with it."""
    wrong = [
        shown(file, node)
        for file in files()
        for node in nodes(file)
        if isinstance(node, ast.Call) and called(node) in RELATIONS - {"ManyToManyField"}
        if not protects(node)
    ]
    assert not wrong, "\n".join(wrong)


ABOVE = {"demo": {"demo", "tools"}, "tools": {"tools"}}
"""What nothing that ships may name in a text, as in a setting or an `import_module`, and which packages may."""


def names_in_text(file: Path, package: str) -> Iterator[tuple[ast.Constant, str]]:
    for node in nodes(file):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node.value.startswith(f"{package}.")
        ):
            yield node, node.value


@pytest.mark.parametrize("package", ABOVE)
def test_what_lies_beneath_names_neither_the_demo_nor_the_tools(package: str) -> None:
    """By import this is import-linter's; here by text."""
    wrong = [
        f"{shown(file, node)}: {text}"
        for file in files()
        if package_of(file) not in ABOVE[package]
        for node, text in names_in_text(file, package)
    ]
    assert not wrong, "\n".join(wrong)
