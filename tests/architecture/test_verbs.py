"""Every verb is one function: of an `actions.py`, or with a keyword `acting_user` in any module. A `may_<verb>` says who may."""

import ast
from collections.abc import Iterator
from pathlib import Path

from demo.bootstrap import ROOT
from tests.architecture.source import (
    SHIPPED,
    format_location,
    get_package,
    list_files,
    list_nodes,
    parse_file,
)

Verb = ast.FunctionDef
SHARED_PERMISSIONS = dict.fromkeys(
    ("propose_account", "request_checkup", "register_account"), "may_connect_accounts"
)
"""Verbs that ask one `may` together: whoever may connect accounts may take each step of it."""
KINDS = "decisions/actions.py"
"""Verbs for every kind of decision: they ask the kind's `may_<verb>`."""
RECORDERS = ("audit.actions", "decisions.actions", "identity.people.events", "catalog.glossary.term_changes")


def list_public_functions(file: Path) -> Iterator[Verb]:
    for node in parse_file(file).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def list_arguments(verb: Verb) -> list[str]:
    return [argument.arg for argument in (*verb.args.posonlyargs, *verb.args.args, *verb.args.kwonlyargs)]


def list_verbs() -> list[tuple[Path, Verb]]:
    """Functions that change something: they are told who acts, or in an `actions.py`, when."""
    return [
        (file, node)
        for file in list_files(*SHIPPED)
        for node in list_public_functions(file)
        if is_verb(file, node)
    ]


def is_verb(file: Path, node: Verb) -> bool:
    if file.name == "actions.py":
        return bool({"acting_user", "now"} & set(list_arguments(node)))
    return "acting_user" in {argument.arg for argument in node.args.kwonlyargs}


def list_verbs_of_people() -> list[tuple[Path, Verb]]:
    return [(file, verb) for file, verb in list_verbs() if "acting_user" in list_arguments(verb)]


def list_verbs_of_one_subject() -> list[tuple[Path, Verb]]:
    return [(file, verb) for file, verb in list_verbs_of_people() if file != ROOT / KINDS]


def list_names(file: Path) -> set[str]:
    return {node.name for node in list_public_functions(file)}


def list_may_functions(package: str) -> set[str]:
    return {name for file in list_files(package) for name in list_names(file) if name.startswith("may_")}


def get_may_name(verb: Verb) -> str:
    return SHARED_PERMISSIONS.get(verb.name, f"may_{verb.name}")


def test_there_are_verbs() -> None:
    assert {verb.name for _, verb in list_verbs()} >= {
        "submit_access_request",
        "approve_item",
        "revoke_grant",
        "create_intent",
        "end_intent",
    }


def test_a_verb_takes_keywords_only_and_is_told_the_time() -> None:
    wrong = [
        format_location(file, verb)
        for file, verb in list_verbs()
        if verb.args.args or verb.args.posonlyargs or "now" not in list_arguments(verb)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_has_a_may_of_the_same_name() -> None:
    wrong = [
        f"{format_location(file, verb)}: no {get_may_name(verb)} in {get_package(file)}"
        for file, verb in list_verbs_of_one_subject()
        if get_may_name(verb) not in list_may_functions(get_package(file))
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_asks_its_may() -> None:
    wrong = [
        format_location(file, verb)
        for file, verb in list_verbs_of_one_subject()
        if get_may_name(verb) not in {node.id for node in list_nodes(file) if isinstance(node, ast.Name)}
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_on_every_kind_of_decision_asks_the_kind() -> None:
    verbs = [verb for file, verb in list_verbs_of_people() if file == ROOT / KINDS]
    asked = {
        verb.name: f"kind.may_{verb.name.removesuffix('_proposal')}(" in ast.unparse(verb) for verb in verbs
    }
    assert asked == dict.fromkeys(
        ("withdraw_proposal", "approve_proposal", "reject_proposal", "end_proposal"), True
    )


def test_each_verb_of_a_person_is_one_transaction() -> None:
    """`durable=True`: a verb never runs inside another's transaction."""
    wrong = [
        format_location(file, verb)
        for file, verb in list_verbs_of_people()
        if "durable=True" not in ast.unparse(verb)
    ]
    assert not wrong, "\n".join(wrong)


def test_each_verb_of_a_person_is_recorded() -> None:
    """In the same module as a function that writes the event, in the verb's transaction."""
    wrong = [
        format_location(file)
        for file in {file for file, _verb in list_verbs_of_people()}
        if not any(recorder in ast.unparse(parse_file(file)) for recorder in RECORDERS)
    ]
    assert not wrong, "\n".join(wrong)
