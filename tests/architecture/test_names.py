"""Names say what a thing is, in the words of docs/architecture.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import SHIPPED, files, files_of_tests, nodes, shown

EMPTY = {
    "utils",
    "util",
    "helpers",
    "helper",
    "services",
    "service",
    "managers",
    "misc",
    "common",
    "selectors",
}
# What the glossary says not to say, as far as it cannot mean anything else.
OTHER_WORDS = {
    "asset", "cart", "cancel", "dataset", "deny", "grantee", "orphan", "privilege", "renew", "subscription",
    "ticket", "vote", "workflow",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def test_no_module_is_named_after_its_kind() -> None:
    everything = (*files(), *files_of_tests())
    wrong = [shown(file) for file in everything if EMPTY & {file.stem, file.parent.name}]
    assert not wrong, "\n".join(wrong)


def definitions(file: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in nodes(file):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node, node.name


def test_the_words_are_those_of_the_glossary() -> None:
    wrong = [
        f"{shown(file, node)} {name}"
        for file in files(*SHIPPED)
        for node, name in definitions(file)
        if OTHER_WORDS & {word.lower() for word in WORD.findall(name)}
    ]
    assert not wrong, "\n".join(wrong)


def test_marketplace_itself_is_empty() -> None:
    init = next(file for file in files("marketplace") if file.name == "__init__.py")
    assert init.read_text() == ""
