"""Names say what a thing is, in the words of docs/words.md."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import SHIPPED, format_location, list_files, list_nodes, list_test_files
from tests.docs.pages import read_section, read_table

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
    "asset", "cart", "deny", "grantee", "orphan", "privilege", "renew", "subscription",
    "ticket", "vote", "workflow",
}  # fmt: skip
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
WORDS_PAGE = ROOT / "docs" / "words.md"


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


def list_named(file: Path) -> Iterator[tuple[str, str]]:
    """Location and name of the module with its folders, and of each class."""
    yield format_location(file), ".".join(file.relative_to(ROOT).with_suffix("").parts[1:])
    for node in list_nodes(file):
        if isinstance(node, ast.ClassDef):
            yield format_location(file, node), node.name


def split_words(name: str) -> list[str]:
    """`LeaseRenewal` and `lease_renewal` are *lease* and *renewal*."""
    return [word.lower() for word in WORD.findall(name.replace("__init__", ""))]


@cache
def get_known_words() -> frozenset[str]:
    terms = " ".join(row[0] for row in read_table(WORDS_PAGE, "Glossary"))
    return frozenset([*split_words(terms), *list_general_words()])


def list_general_words() -> list[str]:
    """Those after the introduction."""
    return split_words(read_section(WORDS_PAGE, "General technical words").split("\n\n", 1)[1])


def is_known(word: str) -> bool:
    """Whether the word, or what it is the plural of, is on the page."""
    singulars = {word.removesuffix("s"), word.removesuffix("es"), re.sub(r"ies$", "y", word)}
    return not get_known_words().isdisjoint({word, *singulars})


def test_names_are_made_of_the_words_of_the_page() -> None:
    wrong = [
        f"{location} {name}: {word}"
        for file in list_files(*SHIPPED)
        for location, name in list_named(file)
        for word in split_words(name)
        if not is_known(word)
    ]
    advice = "Use a word of docs/words.md, or add this one there"
    assert not wrong, "\n".join([f"{advice}:", *wrong])


@pytest.mark.parametrize(
    ("name", "unknown"),
    [("LeaseRenewal", []), ("access_policies", []), ("beginnings", ["beginnings"]), ("TakeBack", ["back"])],
)
def test_an_unknown_word_is_found(name: str, unknown: list[str]) -> None:
    assert [word for word in split_words(name) if not is_known(word)] == unknown


def test_words_to_avoid_are_in_no_name() -> None:
    wrong = [
        f"{format_location(file, node)} {name}"
        for file in list_files(*SHIPPED)
        for node, name in list_definitions(file)
        if FORBIDDEN_WORDS.intersection(split_words(name))
    ]
    assert not wrong, "\n".join(wrong)


# Names that say nothing of what they hold.
VAGUE_NAMES = {
    "asked",
    "each",
    "found",
    "given",
    "known",
    "made",
    "one",
    "said",
    "told",
    "wanted",
    "wish",
    "wishes",
}
# Both limits only get lower.
MAX_VAGUE_NAMES = 1844
MAX_UNKNOWN_WORDS = 682
SLACK = 20


def list_local_names(function: ast.FunctionDef) -> set[str]:
    """Arguments, and whatever the function assigns."""
    arguments = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    assigned = {
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return arguments | assigned


def list_functions(*, is_public: bool = False) -> Iterator[tuple[Path, ast.FunctionDef]]:
    for file in list_files(*SHIPPED):
        for node in list_nodes(file):
            if isinstance(node, ast.FunctionDef) and not (is_public and node.name.startswith("_")):
                yield file, node


def test_fewer_arguments_and_local_names_are_vague() -> None:
    vague = [
        f"{format_location(file, function)} {name}"
        for file, function in list_functions()
        for name in VAGUE_NAMES & list_local_names(function)
    ]
    assert len(vague) <= MAX_VAGUE_NAMES, "name them after what they hold"
    assert len(vague) > MAX_VAGUE_NAMES - SLACK, f"lower the limit to {len(vague)}"


def test_arguments_and_local_names_of_public_functions_use_fewer_words_that_the_page_lacks() -> None:
    unknown = {
        word
        for _file, function in list_functions(is_public=True)
        for name in list_local_names(function)
        for word in split_words(name)
        if not is_known(word)
    }
    assert len(unknown) <= MAX_UNKNOWN_WORDS, f"{len(unknown)}: use words of docs/words.md"
    assert len(unknown) > MAX_UNKNOWN_WORDS - SLACK, f"lower the limit to {len(unknown)}"


def test_marketplace_itself_is_empty() -> None:
    init = next(file for file in list_files("marketplace") if file.name == "__init__.py")
    assert init.read_text() == ""
