"""Every verb is one function in an `actions.py`, and somebody says who may."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import SHIPPED, files, nodes, shown, tree

ACTIONS = [file for file in files(*SHIPPED) if file.name == "actions.py"]
Verb = ast.FunctionDef


def public(file: Path) -> Iterator[Verb]:
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def arguments(verb: Verb) -> list[str]:
    return [argument.arg for argument in (*verb.args.posonlyargs, *verb.args.args, *verb.args.kwonlyargs)]


def verbs() -> list[tuple[Path, Verb]]:
    """Functions of `actions.py` that change something: they are told who acts, or when."""
    return [
        (file, node)
        for file in ACTIONS
        for node in public(file)
        if {"acting_user", "now"} & set(arguments(node))
    ]


def names(file: Path) -> set[str]:
    return {node.name for node in tree(file).body if isinstance(node, ast.FunctionDef)}


def test_there_are_verbs() -> None:
    assert {verb.name for _, verb in verbs()} >= {
        "submit_request",
        "approve_item",
        "revoke_grant",
        "want",
        "end",
    }


def test_a_verb_takes_keywords_only_and_is_told_the_time() -> None:
    wrong = [
        shown(file, verb)
        for file, verb in verbs()
        if verb.args.args or verb.args.posonlyargs or "now" not in arguments(verb)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_has_a_may_of_the_same_name() -> None:
    wrong = [
        f"{shown(file, verb)}: no may_{verb.name} in {shown(file.with_name('may.py'))}"
        for file, verb in verbs()
        if "acting_user" in arguments(verb) and f"may_{verb.name}" not in names(file.with_name("may.py"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("file", ACTIONS, ids=shown)
def test_each_verb_asks_its_may(file: Path) -> None:
    called = {node.id for node in nodes(file) if isinstance(node, ast.Name)}
    wrong = [
        verb.name
        for verb in public(file)
        if "acting_user" in arguments(verb) and f"may_{verb.name}" not in called
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_is_one_transaction() -> None:
    """`durable=True`: a verb never runs inside another's transaction."""
    wrong = [
        shown(file, verb)
        for file, verb in verbs()
        if "acting_user" in arguments(verb) and "durable=True" not in ast.unparse(verb)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_is_recorded() -> None:
    """In the same module as the audit's `record`, which writes the event in the verb's transaction."""
    wrong = [
        shown(file)
        for file in {file for file, verb in verbs() if "acting_user" in arguments(verb)}
        if "audit.actions" not in ast.unparse(tree(file))
    ]
    assert not wrong, "\n".join(wrong)
