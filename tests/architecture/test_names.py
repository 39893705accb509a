"""Names say what a thing is, in the words of docs/words.md."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import SHIPPED, format_location, list_files, list_nodes, list_test_files

VAGUE_MODULE_NAMES = {
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
FORBIDDEN_WORDS = {
    "asset", "cart", "dataset", "deny", "grantee", "orphan", "privilege", "renew", "subscription",
    "ticket", "vote", "workflow",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def test_no_module_is_named_after_its_kind() -> None:
    everything = (*list_files(), *list_test_files())
    wrong = [
        format_location(file) for file in everything if VAGUE_MODULE_NAMES & {file.stem, file.parent.name}
    ]
    assert not wrong, "\n".join(wrong)


def list_definitions(file: Path) -> Iterator[tuple[ast.AST, str]]:
    for node in list_nodes(file):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node, node.name


def test_the_words_are_those_of_the_glossary() -> None:
    wrong = [
        f"{format_location(file, node)} {name}"
        for file in list_files(*SHIPPED)
        for node, name in list_definitions(file)
        if FORBIDDEN_WORDS & {word.lower() for word in WORD.findall(name)}
    ]
    assert not wrong, "\n".join(wrong)


def test_marketplace_itself_is_empty() -> None:
    init = next(file for file in list_files("marketplace") if file.name == "__init__.py")
    assert init.read_text() == ""
