"""Three ways of reading agree after random histories, and a fault that is planted is found and told in few calls."""

import ast
from pathlib import Path

import pytest

from mocklake.histories import mesh
from mocklake.histories.__main__ import main
from mocklake.histories.calls import Call
from mocklake.histories.play import History, draw_history, find_disagreement, shorten_history
from mocklake.lakeformation import selections
from mocklake.testing.server import ROOT

OF_THE_ORACLE = sorted((ROOT / "mocklake" / "oracle").glob("*.py"))
COLUMNS = {"CatalogId": mesh.OWNER, "DatabaseName": "sales", "Name": "orders"}


def _passed_on(*columns: str) -> Call:
    """Of what the receiver's account holds as a whole, its admin gives some columns to its analyst."""
    who = {"DataLakePrincipalIdentifier": mesh.arn(mesh.RECEIVER, "analyst")}
    resource = {"TableWithColumns": COLUMNS | {"ColumnNames": list(columns)}}
    given = {"Principal": who, "Resource": resource, "Permissions": ["SELECT"]}
    return Call(mesh.RECEIVER, "admin", "lakeformation", "GrantPermissions", given)


def _tagged(value: str) -> Call:
    tags = [{"TagKey": "team", "TagValues": [value]}]
    given = {"Resource": {"Database": {"Name": "stock"}}, "LFTags": tags}
    return Call(mesh.OWNER, "admin", "lakeformation", "AddLFTagsToResource", given)


def test_a_short_history_agrees() -> None:
    assert find_disagreement(draw_history(1, 40)) == ""


@pytest.mark.all
@pytest.mark.parametrize("seed", range(10))
def test_a_history_agrees(seed: int) -> None:
    assert find_disagreement(draw_history(seed)) == ""


def test_the_same_seed_is_the_same_history() -> None:
    assert draw_history(3) == draw_history(3)
    assert draw_history(3) != draw_history(5)


def test_a_planted_fault_is_found_and_cut_to_the_call_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an account holds is no longer cut to what was passed on inside it."""
    monkeypatch.setattr(selections, "intersect_cells", lambda envelope, local: envelope if local else {})
    history = History((_tagged("blue"), _passed_on("id", "country"), _tagged("red")))
    found = find_disagreement(history)
    assert f"{mesh.arn(mesh.RECEIVER, 'analyst')} on sales" in found
    short = shorten_history(history, is_wrong=lambda one: bool(find_disagreement(one, ())))
    assert short.calls == (_passed_on("id", "country"),)


def test_a_fault_inside_of_mocklake_is_told_with_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selections, "intersect_cells", lambda _envelope, _local: 1 / 0)
    assert find_disagreement(History((_passed_on("id"),))) != ""


def test_the_command_says_how_many_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--count", "1", "--length", "10"]) == 0
    assert capsys.readouterr().out == "1 histories agree\n"


SHARED = ("mocklake.oracle", "mocklake.world", "mocklake.partitions")
"""Partitions are AWS's published data: which regions belong together, and how ARNs begin."""


@pytest.mark.parametrize("path", OF_THE_ORACLE, ids=lambda path: path.name)
def test_the_oracle_shares_nothing_with_the_request_path(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "mocklake":
            found |= {f"mocklake.{one.name}" for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module))
    ours = {one for one in found if one.startswith("mocklake")}
    assert {one for one in ours if not one.startswith(SHARED)} == set()
