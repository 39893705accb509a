"""Each line of the table of attacks in SECURITY.md names tests that hold it."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CELLS = 6
"""Of a line of four cells, with what is left and right of it."""


@cache
def list_test_names() -> frozenset[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return frozenset(
        name for file in files for name in re.findall(r"^def (test_\w+)\(", file.read_text(), re.MULTILINE)
    )


def list_attacks() -> list[list[str]]:
    section = (ROOT / "SECURITY.md").read_text().split("## An attacker inside the web")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.split("|")] for line in lines[2:]]


def test_each_attack_says_what_stops_it_and_what_remains_and_names_tests_that_are_there() -> None:
    attacks = list_attacks()
    assert len(attacks) > 10
    for line in attacks:
        assert (len(line), "" in line[1:-1]) == (CELLS, False), line
        named = re.findall(r"`(test_\w+)`", line[4])
        assert named, line[1]
        assert [name for name in named if name not in list_test_names()] == [], line[1]


def test_each_file_that_a_protection_names_is_there() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    files = re.findall(r"`((?:[a-z_]+/)+[\w.]+\.(?:py|sql|toml|js))`", text)
    assert [name for name in files if not (ROOT / name).exists()] == []
