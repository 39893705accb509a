"""Every verb is one function: of an `actions.py`, or with a keyword `acting_user` in any module. A `may_<verb>` says who may."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import SHIPPED, files, nodes, package_of, shown, tree

Verb = ast.FunctionDef
SHARED = dict.fromkeys(("propose_account", "request_checkup", "register_account"), "may_connect_accounts")
"""Verbs that ask one `may` together: whoever may connect accounts may take each step of it."""
RECORDERS = ("audit.actions", "identity.people.events")


def public(file: Path) -> Iterator[Verb]:
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def arguments(verb: Verb) -> list[str]:
    return [argument.arg for argument in (*verb.args.posonlyargs, *verb.args.args, *verb.args.kwonlyargs)]


def verbs() -> list[tuple[Path, Verb]]:
    """Functions that change something: they are told who acts, or in an `actions.py`, when."""
    return [(file, node) for file in files(*SHIPPED) for node in public(file) if is_verb(file, node)]


def is_verb(file: Path, node: Verb) -> bool:
    if file.name == "actions.py":
        return bool({"acting_user", "now"} & set(arguments(node)))
    return "acting_user" in {argument.arg for argument in node.args.kwonlyargs}


def verbs_of_people() -> list[tuple[Path, Verb]]:
    return [(file, verb) for file, verb in verbs() if "acting_user" in arguments(verb)]


def names(file: Path) -> set[str]:
    return {node.name for node in public(file)}


def may_functions(package: str) -> set[str]:
    return set().union(*(names(file) for file in files(package) if file.name == "may.py"))


def may_of(verb: Verb) -> str:
    return SHARED.get(verb.name, f"may_{verb.name}")


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
        f"{shown(file, verb)}: no {may_of(verb)} in a may.py of {package_of(file)}"
        for file, verb in verbs_of_people()
        if may_of(verb) not in may_functions(package_of(file))
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_asks_its_may() -> None:
    wrong = [
        shown(file, verb)
        for file, verb in verbs_of_people()
        if may_of(verb) not in {node.id for node in nodes(file) if isinstance(node, ast.Name)}
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_is_one_transaction() -> None:
    """`durable=True`: a verb never runs inside another's transaction."""
    wrong = [shown(file, verb) for file, verb in verbs_of_people() if "durable=True" not in ast.unparse(verb)]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_is_recorded() -> None:
    """In the same module as a function that writes the event, in the verb's transaction."""
    wrong = [
        shown(file)
        for file in {file for file, _verb in verbs_of_people()}
        if not any(recorder in ast.unparse(tree(file)) for recorder in RECORDERS)
    ]
    assert not wrong, "\n".join(wrong)
