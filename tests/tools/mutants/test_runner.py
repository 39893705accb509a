"""Mutants of a project of two files: what counts as killed, and what does not."""

import os
from pathlib import Path

import pytest

from demo.embedded.child_process import EmbeddedError
from tools.mutants.mutant import Mutant
from tools.mutants.runner import (
    MutantReport,
    MutantResult,
    Outcome,
    PytestRunner,
    WorkingCopy,
    check_baseline,
    judge_mutant,
)

SOURCE = """import time

PAUSE = 0
LABEL = "end"


def has_ended(end: int, now: int) -> bool:
    time.sleep(PAUSE)
    return end <= now
"""
TESTS = """from limits import has_ended


def test_it_has_ended_at_its_end() -> None:
    assert has_ended(3, 3) and not has_ended(4, 3)
"""


def mutate(old: str, new: str) -> Mutant:
    return Mutant(f"{new} for {old}", "limits.py", old, new, ("test_limits.py",))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "limits.py").write_text(SOURCE)
    (folder / "test_limits.py").write_text(TESTS)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = all\npythonpath = .\n")
    return folder


@pytest.fixture(scope="module")
def copy(project: Path, tmp_path_factory: pytest.TempPathFactory) -> WorkingCopy:
    return WorkingCopy(project, tmp_path_factory.mktemp("copy") / "project")


@pytest.fixture
def runner(copy: WorkingCopy, tmp_path: Path) -> PytestRunner:
    """Without what the tests of Meshmarket itself are told by the environment."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return PytestRunner(copy.folder, tmp_path / "output", environment)


@pytest.mark.parametrize(
    ("mutant", "seconds", "expected"),
    [
        (mutate("<=", ">="), 60, (Outcome.KILLED, "test_limits.py::test_it_has_ended_at_its_end")),
        (mutate('"end"', '"fin"'), 60, (Outcome.SURVIVED, "")),
        (mutate("import time", "import tyme"), 60, (Outcome.INVALID, "ERROR test_limits.py")),
        (mutate("PAUSE = 0", "PAUSE = 90"), 3, (Outcome.TIMED_OUT, "")),
    ],
    ids=["killed", "survived", "invalid", "timed out"],
)
def test_a_mutant_is_judged_by_its_tests(
    copy: WorkingCopy, runner: PytestRunner, mutant: Mutant, seconds: int, expected: tuple[Outcome, str]
) -> None:
    result = judge_mutant(copy, runner, "limits", mutant, seconds)
    assert (result.outcome, result.detail.partition(" - ")[0]) == expected
    assert (copy.folder / "limits.py").read_text() == SOURCE


def test_the_copy_is_as_before_after_a_mutant_and_the_project_is_never_changed(
    project: Path, copy: WorkingCopy, runner: PytestRunner
) -> None:
    """The faulty file has the size of the right one, and was compiled in the same second."""
    flip = mutate("end <= now", "end >= now")
    said: list[str] = []
    with copy.with_mutant(flip):
        assert "end >= now" in (copy.folder / "limits.py").read_text()
        assert (project / "limits.py").read_text() == SOURCE
        with pytest.raises(EmbeddedError, match="do not pass without a mutant"):
            check_baseline(runner, [("limits", flip)], said.append)
    check_baseline(runner, [("limits", flip)], said.append)
    assert said[-1].startswith("They pass")


def test_a_text_that_is_not_there_once_is_no_mutant(copy: WorkingCopy) -> None:
    with pytest.raises(ValueError, match="occurs 4 times"), copy.with_mutant(mutate("end", "END")):
        pass
    assert (copy.folder / "limits.py").read_text() == SOURCE


def test_the_report_is_ok_when_each_mutant_was_noticed_and_says_which_was_not() -> None:
    mutant = mutate("end <= now", "end < now")
    killed, slow, alive = (
        MutantResult("limits", mutant, outcome, 1.5, detail)
        for outcome, detail in ((Outcome.KILLED, "t"), (Outcome.TIMED_OUT, ""), (Outcome.SURVIVED, ""))
    )
    assert MutantReport([killed, slow], 3.0).ok
    report = MutantReport([killed, slow, alive], 4.5)
    assert not report.ok
    assert report.format_summary().splitlines() == [
        "timed out: end < now for end <= now (limits.py)",
        "survived: end < now for end <= now (limits.py)",
        "  - end <= now",
        "  + end < now",
        "  passed: test_limits.py",
        "3 mutants: 1 killed, 1 timed out, 1 survived, 0 invalid; 4.5 s",
    ]
    figures = report.to_json()
    assert (figures["ok"], figures["killed"], figures["timed_out"], figures["survived"]) == (False, 1, 1, 1)
    assert figures["mutants"][0]["detail"] == "t"
