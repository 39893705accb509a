"""The list of mutants fits the code: each names a text that is there once, and tests that exist."""

import ast
from collections import Counter

import pytest

from demo.bootstrap import ROOT
from tools.mutants.mutant import Mutant
from tools.mutants.mutants import AREAS, select_mutants

EVERY = [mutant for _area, mutant in select_mutants()]
every_mutant = pytest.mark.parametrize("mutant", EVERY, ids=lambda one: one.name)


@every_mutant
def test_the_text_occurs_once_and_its_replacement_is_other_code(mutant: Mutant) -> None:
    source = (ROOT / mutant.file).read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"{mutant.file} has changed: adapt this mutant"
    assert ast.dump(ast.parse(mutant.apply(source))) != ast.dump(ast.parse(source))


@every_mutant
def test_its_tests_exist(mutant: Mutant) -> None:
    assert mutant.tests
    assert [path for path in mutant.tests if not (ROOT / path.partition("::")[0]).exists()] == []


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(one.name for one in EVERY).items() if count > 1] == []


def test_mutants_are_selected_by_area_and_by_name() -> None:
    assert [mutant for _area, mutant in select_mutants(["quorum"])] == [*AREAS["quorum"]]
    ((area, mutant),) = select_mutants(text="one approval fewer than the quorum is enough")
    assert (area, mutant.file) == ("quorum", "requests_app/policy_engine/verdict.py")
    assert select_mutants(["audit"], "quorum") == []
