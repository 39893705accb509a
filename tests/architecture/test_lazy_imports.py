"""An import inside a function hides a dependency: each stands here with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import (
    SHIPPED,
    format_location,
    get_imported_names,
    get_module,
    get_package,
    list_files,
    list_functions,
    list_nodes,
)

REASONS = {
    ("demo.bootstrap", "fcntl.*"): "Windows has no fcntl: the import is how it is told in one line",
    (
        "marketplace.tracing",
        "opentelemetry.instrumentation.botocore.*",
    ): "it loads botocore, which the web never does",
    ("portal.data_api.api.queries", "pyarrow.*"): "it takes 45 MB in each process, and few write Parquet",
}


def lazy(file: Path) -> Iterator[tuple[ast.AST, str, str]]:
    """(node, enclosing function, imported name) of each import inside a function."""
    for function in list_functions(file):
        for node in ast.walk(function):
            yield from ((node, function.name, name) for name in get_imported_names(node))


def is_reasoned(file: Path, function: str, name: str) -> bool:
    if file.name == "apps.py" and function == "ready":
        # Django's own place for what needs loaded models: checks, and the Celery application.
        return name.split(".", maxsplit=1)[0] == get_package(file) or name.startswith("marketplace.celery")
    return any(
        get_module(file) == module and f"{name}.".startswith(prefix.rstrip("*")) for module, prefix in REASONS
    )


def test_no_import_hides_in_a_function() -> None:
    wrong = [
        f"{format_location(file, node)} imports {name} inside {function}()"
        for file in list_files()
        for node, function, name in lazy(file)
        if not is_reasoned(file, function, name)
    ]
    assert not wrong, "\n".join(wrong)


def test_only_type_checkers_skip_an_import() -> None:
    """`if TYPE_CHECKING:` hides a circle: nowhere in what ships, elsewhere only inside the package."""
    wrong = [
        f"{format_location(file, node)}: {name}"
        for file in list_files()
        for node in list_nodes(file)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for part in node.body
        for name in get_imported_names(part)
        if get_package(file) in SHIPPED or not name.startswith(f"{get_package(file)}.")
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("module", sorted({module for module, _ in REASONS}))
def test_a_reason_has_its_import(module: str) -> None:
    file = ROOT / f"{module.replace('.', '/')}.py"
    assert any(is_reasoned(file, function, name) for _, function, name in lazy(file))
