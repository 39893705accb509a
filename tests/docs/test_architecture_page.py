"""docs/architecture.md says what the code and its tests hold."""

import re
from configparser import ConfigParser

import pytest

from demo.bootstrap import ROOT
from tests.architecture.source import LAYERS, PACKAGES, get_allowed_imports
from tests.architecture.test_sizes import LONG_FUNCTION, LONG_MODULE, MAX_FUNCTION, MAX_MODULE
from tests.docs.pages import CODE, read_page, read_table

PAGE = ROOT / "docs" / "architecture.md"
INVARIANTS = read_table(PAGE, "What must always hold")


def parse_packages(cell: str) -> set[str]:
    """Those in backticks; of "everything but …" all others."""
    named = set(CODE.findall(cell))
    return set(PACKAGES) - named if cell.startswith("everything") else named


def test_the_table_of_imports_is_the_one_that_tests_hold() -> None:
    table = {CODE.findall(row[0])[0]: row[2] for row in read_table(PAGE, "Packages and who may import whom")}
    assert set(table) == set(PACKAGES)
    given = {name: parse_packages(cell) - {name} for name, cell in table.items()}
    assert given == {name: set(get_allowed_imports()[name]) - {name} for name in given}


def test_import_linter_checks_the_same_order() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    lines = contracts["importlinter:contract:layers"]["layers"].split("\n")
    layers = [frozenset(re.findall(r"\w+", line)) for line in reversed(lines) if line]
    assert layers == [*LAYERS, frozenset({"demo"}), frozenset({"tools"})]
    assert set(contracts["importlinter"]["root_packages"].split()) == set(PACKAGES)


def test_the_invariants_are_numbered() -> None:
    assert [row[0] for row in INVARIANTS] == [str(number) for number in range(1, 12)]


@pytest.mark.parametrize("row", INVARIANTS, ids=lambda row: f"invariant {row[0]}")
def test_an_invariant_has_tests(row: list[str]) -> None:
    named = CODE.findall(row[2])
    assert named
    for path in named:
        assert "\ndef test_" in (ROOT / path).read_text(encoding="utf-8")


def test_the_sizes_are_those_that_a_test_holds() -> None:
    text = re.sub(r"\s+", " ", read_page(PAGE))
    assert f"more than {LONG_FUNCTION} lines or a module of more than {LONG_MODULE} is named" in text
    assert f"more than {MAX_FUNCTION} and {MAX_MODULE} are refused" in text


def test_the_database_roles_are_those_that_are_made() -> None:
    named = {CODE.findall(row[0])[0] for row in read_table(PAGE, "Database roles")}
    script = (ROOT / "deploy" / "postgres" / "roles.sql").read_text(encoding="utf-8")
    assert named == set(re.findall(r"CREATE ROLE (\w+)", script))
