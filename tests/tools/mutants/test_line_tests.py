"""Which tests are chosen for a line, of what coverage.py recorded."""

from pathlib import Path

from coverage import CoverageData

from tools.mutants import sampling
from tools.mutants.sampling import LineTests


def record(data: CoverageData, test: str, lines: dict[str, list[int]]) -> None:
    data.set_context(test)
    data.add_lines(lines)


def make_line_tests(folder: Path) -> LineTests:
    rows, pages = str(folder / "rows.py"), str(folder / "pages.py")
    data = CoverageData(str(folder / "coverage"))
    record(data, "", {rows: [1, 2, 3]})
    record(data, "tests/test_walk.py::test_every_page|run", {rows: [2, 3], pages: [*range(1, 400)]})
    record(data, "tests/test_rows.py::test_a_row[a|b]|run", {rows: [3]})
    record(data, "tests/test_rows.py::test_a_row[a|b]|setup", {rows: [2]})
    data.write()
    return LineTests(folder / "coverage", folder)


def test_the_narrowest_tests_of_a_line_come_first(tmp_path: Path) -> None:
    found = make_line_tests(tmp_path)
    expected = ("tests/test_rows.py::test_a_row[a|b]", "tests/test_walk.py::test_every_page")
    assert found.find_tests("rows.py", 3) == found.find_tests("rows.py", 2) == expected


def test_a_line_that_only_imports_run_has_no_tests(tmp_path: Path) -> None:
    assert make_line_tests(tmp_path).find_tests("rows.py", 1) == ()
    assert make_line_tests(tmp_path).find_tests("other.py", 1) == ()


def test_every_folder_of_tests_is_recorded_but_those_that_nobody_traces() -> None:
    recorded = sampling.list_folders(Path(__file__).parents[3])
    assert {"tests/portal", "tests/workers", "tests/lakeformation"} < set(recorded)
    assert not {"tests/gate", "tests/browser"} & set(recorded)
