"""README.md: every file, command and option that it names is there."""

import re
from io import StringIO

import pytest
from django.core.management import get_commands, load_command_class

from demo.bootstrap import MIN_PIP_VERSION, ROOT
from demo.seed.people import PEOPLE
from tests.docs.environment_variables import parse_documented_defaults
from tests.docs.pages import CODE, read_page, read_table

README = ROOT / "README.md"
WORDS = read_page(README)
FLOW = read_table(README, "The flow, file by file")


@pytest.mark.parametrize("row", FLOW, ids=lambda row: row[0][:30])
def test_a_step_of_the_flow_names_its_files_and_functions(row: list[str]) -> None:
    names = CODE.findall(row[1])
    paths = [name for name in names if "/" in name]
    assert paths
    for path in paths:
        assert (ROOT / path).is_file()
    for function in set(names) - set(paths):
        assert f"def {function}(" in (ROOT / paths[0]).read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"manage\.py (\w+)", WORDS))))
def test_a_command_exists(command: str) -> None:
    assert command in get_commands()


def test_the_options_of_the_demo_are_those_that_it_takes() -> None:
    parser = load_command_class("demo", "demo").create_parser("manage.py", "demo")
    shown = StringIO()
    parser.print_help(shown)
    paragraph = WORDS.split("`demo` takes", 1)[1].split("\n\n")[0]
    named = set(re.findall(r"--[a-z]+", paragraph))
    assert named == {"--once", "--json", "--fresh", "--port", "--state"}
    assert [option for option in named if option not in shown.getvalue()] == []


def test_the_variables_that_it_names_are_explained() -> None:
    named = set(re.findall(r"`((?:MESHMARKET_\w+|(?:\w+_)?DATABASE_URL|REDIS_URL))`", WORDS))
    assert named
    assert named - set(parse_documented_defaults()) == set()


def test_the_people_that_it_names_are_in_the_demo() -> None:
    named = dict(re.findall(r"([A-Z]\w+ [A-Z]\w+) \(`(\S+@\S+)`\)", WORDS))
    known = {person.name: person.address for person in PEOPLE}
    assert named
    assert {name: known.get(name) for name in named} == named


def test_what_it_asks_for_is_what_the_bootstrap_asks_for() -> None:
    assert f"pip {'.'.join(map(str, MIN_PIP_VERSION))}" in WORDS
    assert "Python 3.11 or newer" in WORDS
    assert "Python 3.11 or newer" in (ROOT / "manage.py").read_text(encoding="utf-8")


def test_the_targets_of_make_are_aliases() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "check", "help"):
        assert re.search(rf"^{target}:.*##", makefile, re.MULTILINE)
