"""Which faults are drawn from code, and that each of them can be made."""

import ast
from pathlib import Path

import pytest

from tools.mutants.sampling import build_mutant, find_edits, sample_mutants

SOURCE = '''LIMIT = 5


def is_due(row: "Row", now: int) -> bool:
    """Whether it is due."""
    if row.end <= now and not row.held:
        return True
    rows = Row.objects.filter(
        scope=row.scope,
        generation=3,
    )
    log(f"{now < 3}")
    return rows.exists() or row.forced


class Row:
    size: int = 4

    def __str__(self) -> str:
        return self.name if self.name != "" else "-"
'''


def list_mutated(source: str) -> dict[str, str]:
    """The changed lines of each mutant, by name."""
    mutants = [build_mutant("rows.py", source, edit) for edit in find_edits(source)]
    return {one.name: one.new.strip() for one in mutants if ast.parse(one.apply(source))}


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("is_due: the condition is inverted", "if not (row.end <= now and not row.held):"),
        ("is_due: without row.end <= now", "if ((not row.held)):"),
        ("is_due: < for <=", "if ((row.end) < (now)) and not row.held:"),
        ("is_due: without not", "if row.end <= now and (row.held):"),
        ("is_due: False is returned", "return False"),
        ("is_due: without scope=", "generation=3,"),
        ("is_due: 4 for 3", "generation=4,"),
        ("is_due: None is returned", "return None"),
        ("is_due: without rows.exists()", "return ((row.forced))"),
        ('is_due: without log(f"{now < 3}")', "pass"),
    ],
)
def test_a_fault_is_made_in_one_place(name: str, line: str) -> None:
    assert list_mutated(SOURCE)[name] == line


def test_the_last_keyword_goes_with_its_comma() -> None:
    mutated = list_mutated(SOURCE)["is_due: without generation="]
    assert mutated.splitlines()[-1].strip() == "scope=row.scope,"


def test_types_constants_of_modules_texts_and_displays_are_left_alone() -> None:
    assert {name.partition(":")[0] for name in list_mutated(SOURCE)} == {"is_due"}
    assert not any(
        "now < 3" in new for new in list_mutated('def shown(now):\n    text = f"{now < 3}"\n').values()
    )


def test_a_text_that_occurs_twice_is_told_apart_by_the_lines_around_it() -> None:
    twice = "def first(a):\n    return a == 1\n\n\ndef second(a):\n    return a == 1\n"
    mutants = [build_mutant("twice.py", twice, edit) for edit in find_edits(twice)]
    assert len({one.apply(twice) for one in mutants}) == len(mutants) == 4


def test_a_sample_is_the_same_for_a_seed_and_outlasts_changes_elsewhere(tmp_path: Path) -> None:
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "rows.py").write_text(SOURCE)
    first = sample_mutants(tmp_path, size=4, seed=3, packages=["rows"])
    assert first == sample_mutants(tmp_path, size=4, seed=3, packages=["rows"])
    assert first != sample_mutants(tmp_path, size=4, seed=4, packages=["rows"])
    (folder / "rows.py").write_text(f"import os\n\n{SOURCE}")
    later = sample_mutants(tmp_path, size=4, seed=3, packages=["rows"])
    assert [one.mutant.name for one in later] == [one.mutant.name for one in first]
