"""Relations that no import statement shows obey the table of imports as well."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import (
    LABELS,
    format_location,
    get_allowed_imports,
    get_called_name,
    get_dotted_name,
    get_package,
    list_files,
    list_migrations,
    list_nodes,
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
    for node in list_nodes(file):
        if not isinstance(node, ast.Call):
            continue
        first = next(texts(node), "")
        if get_called_name(node) in RELATIONS and "." in first:
            yield node, package_of_label(first.split(".")[0])
        if get_called_name(node) == "get_model" and first:
            yield node, package_of_label(first.split(".")[0])


def is_forbidden(file: Path, name: str) -> bool:
    return name not in get_allowed_imports()[get_package(file)] | OF_DJANGO


def test_relations_by_name_obey_the_table_of_imports() -> None:
    wrong = [
        f"{format_location(file, node)} names {name}"
        for file in (*list_files(), *list_migrations())
        for node, name in named_packages(file)
        if is_forbidden(file, name)
    ]
    assert not wrong, "\n".join(wrong)


def is_dependencies(node: ast.AST) -> bool:
    return isinstance(node, ast.Assign) and get_dotted_name(node.targets[0]) in {"dependencies", "run_before"}


def dependencies(file: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in filter(is_dependencies, list_nodes(file)):
        for pair in ast.walk(node):
            if isinstance(pair, ast.Tuple) and isinstance(pair.elts[0], ast.Constant):
                yield pair, package_of_label(str(pair.elts[0].value))


def test_migrations_depend_on_nothing_above_them() -> None:
    wrong = [
        f"{format_location(file, node)} depends on {name}"
        for file in list_migrations()
        for node, name in dependencies(file)
        if is_forbidden(file, name)
    ]
    assert not wrong, "\n".join(wrong)


def protects(relation: ast.Call) -> bool:
    return any(
        k.arg == "on_delete" and get_dotted_name(k.value).endswith("PROTECT") for k in relation.keywords
    )


def test_every_relation_protects() -> None:
    """A row that something refers to is never deleted with it."""
    wrong = [
        format_location(file, node)
        for file in list_files()
        for node in list_nodes(file)
        if isinstance(node, ast.Call) and get_called_name(node) in RELATIONS - {"ManyToManyField"}
        if not protects(node)
    ]
    assert not wrong, "\n".join(wrong)


ABOVE = {"demo": {"demo", "tools"}, "tools": {"tools"}}
"""What nothing that ships may name in a text, as in a setting or an `import_module`, and which packages may."""


def names_in_text(file: Path, package: str) -> Iterator[tuple[ast.Constant, str]]:
    for node in list_nodes(file):
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
        f"{format_location(file, node)}: {text}"
        for file in list_files()
        if get_package(file) not in ABOVE[package]
        for node, text in names_in_text(file, package)
    ]
    assert not wrong, "\n".join(wrong)
