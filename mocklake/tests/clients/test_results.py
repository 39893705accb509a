import json
from pathlib import Path

import pytest

from mocklake.clients import __main__ as command
from mocklake.clients import runs
from mocklake.clients.checks import run
from mocklake.clients.registry import BY_NAME, CLIENTS, Client, compute_fingerprint
from mocklake.clients.runs import Result

OUTCOMES = [
    {"name": "read_rows", "passed": True},
    {"name": "read_types", "passed": False, "reason": "ValueError: <int> | text"},
]
REPORT = """<testsuites><testsuite>
<testcase classname="tests.test_s3.test_s3" name="test_one"/>
<testcase classname="tests.test_s3.test_s3" name="test_two"><failure message="first&#10;second"/></testcase>
<testcase classname="tests.test_s3.test_s3" name="test_three"><skipped message="expected to fail"/></testcase>
</testsuite></testsuites>"""


def test_outcomes_are_counted() -> None:
    result = Result.of("1.0", OUTCOMES)
    assert (result.passed, result.total) == (1, 2)
    assert result.failures == {"read_types": "ValueError: <int> | text"}


def test_a_floor_is_the_number_of_checks_that_must_pass() -> None:
    below = [runs.is_below_floor("a", Result("1.0", passed, {}), {"a": 4}) for passed in (3, 4, 5)]
    assert below == [True, False, False]


def test_a_client_without_a_single_passed_check_is_below_any_floor() -> None:
    assert runs.is_below_floor("a", Result("1.0", 0, {}), {})


def test_the_table_says_what_fails_and_why() -> None:
    page = runs.render({"pyathena": Result.of("4.2.1", OUTCOMES)})
    assert "| PyAthena with SQLAlchemy | pyathena 4.2.1 | 1 of 2 | 1 |" in page
    assert "| `read_types` | ValueError: &lt;int> \\| text |" in page


def test_the_page_is_made_from_the_last_results() -> None:
    assert runs.PAGE.read_text() == runs.render(runs.read_results())


def test_every_floor_is_one_of_a_client_and_was_reached() -> None:
    last = runs.read_results()
    assert {name: last[name].passed >= floor for name, floor in runs.read_floors().items()} == {
        client.name: True for client in CLIENTS if client.name in last
    }


def test_the_results_are_of_the_locked_versions() -> None:
    last = runs.read_results()
    assert {name: one.version for name, one in last.items()} == {
        name: BY_NAME[name].version() for name in last
    }


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_every_locked_package_has_hashes(client: Client) -> None:
    blocks = client.requirements.read_text().replace("\\\n", "").splitlines()
    assert blocks
    assert [one.split()[0] for one in blocks if "--hash=sha256:" not in one] == []


def test_an_environment_is_made_anew_when_its_requirements_change(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("a==1\n")
    before = compute_fingerprint(file)
    file.write_text("a==2\n")
    assert compute_fingerprint(file) != before


def test_of_a_report_skipped_tests_do_not_count() -> None:
    assert runs.read_report(REPORT) == [
        {"name": "test_s3::test_one", "passed": True},
        {"name": "test_s3::test_two", "passed": False, "reason": "first"},
    ]


def test_checks_are_the_public_functions_of_a_module() -> None:
    names = [name for name, _ in run.find_checks(runs)]
    assert names[:2] == ["run_client", "build_environment"]


def test_a_failed_check_tells_the_first_line_of_the_reason() -> None:
    def check() -> None:
        raise ValueError("first\nsecond")

    assert run.reason_of_failure(check) == "ValueError: first"
    assert run.reason_of_failure(lambda: None) == ""


def test_the_command_fails_below_a_floor_and_writes_the_table(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content in (("RESULTS", "{}"), ("FLOORS", '{"pyathena": 2}')):
        file = tmp_path / name
        file.write_text(content)
        monkeypatch.setattr(runs, name, file)
    monkeypatch.setattr(runs, "PAGE", tmp_path / "clients.md")
    monkeypatch.setattr(runs, "run_client", lambda _client, _folder: OUTCOMES)
    assert command.main(["pyathena"]) == 1
    assert "1 of 2" in (tmp_path / "clients.md").read_text()
    assert json.loads((tmp_path / "RESULTS").read_text())["pyathena"]["passed"] == 1
    assert "pyathena passes fewer checks than its floor, 2" in capsys.readouterr().err


def test_a_client_whose_source_is_not_here_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATAALL_SOURCE", raising=False)
    monkeypatch.setattr(runs, "write_page", lambda _results: pytest.fail("nothing has run"))
    assert command.main(["dataall"]) == 0
    assert "DATAALL_SOURCE does not say where its source lies" in capsys.readouterr().out
