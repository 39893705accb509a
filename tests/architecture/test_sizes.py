"""What is long is named in a warning, what is too long is refused. There is no list of exceptions."""

import ast
import warnings
from collections.abc import Iterable

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import format_location, list_files, list_functions, list_test_files, read_lines

LONG_FUNCTION, MAX_FUNCTION = 60, 100
LONG_MODULE, MAX_MODULE = 500, 800
MANAGE = 25
NESTING = 3
BLOCK_NODES = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)


class SizeWarning(UserWarning):
    pass


def check_sizes(sizes: Iterable[tuple[str, int]], long: int, most: int) -> None:
    """Fails above `most` lines, and names in one warning what has more than `long`."""
    found = sorted((size, name) for name, size in sizes if size > long)
    refused = [f"{name}: {size} lines" for size, name in found if size > most]
    assert not refused, "\n".join(refused)
    if found:
        lines = [f"{name}: {size} lines" for size, name in reversed(found)]
        warnings.warn("\n".join([f"more than {long} lines:", *lines]), SizeWarning, stacklevel=1)


@pytest.mark.filterwarnings("default::tests.architecture.test_sizes.SizeWarning")
def test_functions_are_short() -> None:
    sizes = (
        (f"{format_location(file, node)} {node.name}()", (node.end_lineno or node.lineno) - node.lineno + 1)
        for file in (*list_files(), *list_test_files())
        for node in list_functions(file)
    )
    check_sizes(sizes, LONG_FUNCTION, MAX_FUNCTION)


@pytest.mark.filterwarnings("default::tests.architecture.test_sizes.SizeWarning")
def test_modules_are_short() -> None:
    sizes = ((format_location(file), len(read_lines(file))) for file in (*list_files(), *list_test_files()))
    check_sizes(sizes, LONG_MODULE, MAX_MODULE)


def test_what_is_long_is_named_and_what_is_too_long_refused() -> None:
    with pytest.warns(SizeWarning, match=r"b\.py: 7 lines\na\.py: 6 lines"):
        check_sizes([("a.py", 6), ("b.py", 7), ("c.py", 5)], 5, 7)
    with pytest.raises(AssertionError, match=r"b\.py: 8 lines"):
        check_sizes([("a.py", 6), ("b.py", 8)], 5, 7)


def test_manage_py_is_short_enough_for_any_python() -> None:
    assert len(read_lines(ROOT / "manage.py")) <= MANAGE


def compute_depth(node: ast.AST, level: int = 0) -> int:
    """How many blocks lie in each other; `elif` is one block with its `if`."""
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        follows = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, compute_depth(child, level + (isinstance(child, BLOCK_NODES) and not follows)))
    return deepest


def test_blocks_are_shallow() -> None:
    wrong = [
        f"{format_location(file, node)} {node.name}(): {compute_depth(node)} blocks in each other"
        for file in (*list_files(), *list_test_files())
        for node in list_functions(file)
        if compute_depth(node) > NESTING
    ]
    assert not wrong, "\n".join(wrong)
