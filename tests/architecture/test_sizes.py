"""Small by budget: no list of exceptions, so that a file is split by subject on the day it outgrows its budget."""

import ast

from demo.bootstrap import ROOT
from tests.architecture.source import files, files_of_tests, functions, lines, shown

FUNCTION, MODULE, TEST, MANAGE = 40, 400, 250, 25
NESTING = 3
BLOCKS = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def test_functions_are_short() -> None:
    wrong = [
        f"{shown(file, node)} {node.name}(): {size} lines"
        for file in (*files(), *files_of_tests())
        for node in functions(file)
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION
    ]
    assert not wrong, "\n".join(wrong)


def test_modules_are_short() -> None:
    wrong = [f"{shown(file)}: {len(lines(file))} lines" for file in files() if len(lines(file)) > MODULE]
    wrong += [
        f"{shown(file)}: {len(lines(file))} lines" for file in files_of_tests() if len(lines(file)) > TEST
    ]
    assert not wrong, "\n".join(wrong)


def test_manage_py_is_short_enough_for_any_python() -> None:
    assert len(lines(ROOT / "manage.py")) <= MANAGE


def depth(node: ast.AST, level: int = 0) -> int:
    """How many blocks lie in each other; `elif` is one block with its `if`."""
    deepest = level
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        follows = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
        deepest = max(deepest, depth(child, level + (isinstance(child, BLOCKS) and not follows)))
    return deepest


def test_blocks_are_shallow() -> None:
    wrong = [
        f"{shown(file, node)} {node.name}(): {depth(node)} blocks in each other"
        for file in (*files(), *files_of_tests())
        for node in functions(file)
        if depth(node) > NESTING
    ]
    assert not wrong, "\n".join(wrong)
