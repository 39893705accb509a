"""Small by budget: no list of exceptions, so that a file is split by subject on the day it outgrows its budget."""

import ast

from demo.bootstrap import ROOT
from tests.architecture.source import format_location, list_files, list_functions, list_test_files, read_lines

FUNCTION, MODULE, TEST, MANAGE = 40, 400, 250, 25
NESTING = 3
BLOCK_NODES = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def test_functions_are_short() -> None:
    wrong = [
        f"{format_location(file, node)} {node.name}(): {size} lines"
        for file in (*list_files(), *list_test_files())
        for node in list_functions(file)
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_are_short() -> None:
    wrong = [
        f"{format_location(file)}: {len(read_lines(file))} lines"
        for file in list_files()
        if len(read_lines(file)) > MODULE
    ]
    wrong += [
        f"{format_location(file)}: {len(read_lines(file))} lines"
        for file in list_test_files()
        if len(read_lines(file)) > TEST
    ]
    assert not wrong, "\n".join(wrong)


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
