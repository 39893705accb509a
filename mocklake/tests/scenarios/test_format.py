"""A scenario file that is malformed is refused in one line, and one that goes another way fails."""

from pathlib import Path

import pytest

from mocklake.scenarios.__main__ import main

HEAD = "shows: It works\nsource: assumed\nseed: pair\n"
CALL = "as: central/admin, call: glue.GetDatabase"


def _run(folder: Path, text: str) -> int:
    path = folder / "one.yaml"
    path.write_text(text)
    return main([str(path)])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("shows: [", "line "),
        ("shows: It works\n", "source is missing"),
        (HEAD + "colour: red\nsteps: [{clock: 1}]\n", "colour is not known"),
        (HEAD + "steps: {}\n", "steps is missing"),
        (HEAD.replace("pair", "none") + "steps: [{clock: 1}]\n", "there is no seed none"),
        (HEAD.replace("assumed", "a friend") + "steps: [{clock: 1}]\n", "a source begins with"),
        (HEAD.replace("assumed", "'botocore model: glue GetNothing'") + "steps: [{clock: 1}]\n", "glue.GetNothing"),
        (HEAD + "steps: [{clock: 1}, {clock: 1, fault: none}]\n", "step 2: a step has one of"),
        (HEAD + f"steps: [{{{CALL}, colour: red}}]\n", "step 1: colour is not known"),
        (HEAD + "steps: [{call: glue.GetDatabase}]\n", "step 1: as is missing"),
        (HEAD + "steps: [{as: central, call: glue.GetNothing}]\n", "step 1: AWS has no operation glue.GetNothing"),
        (HEAD + "steps: [{as: central, call: oil.GetDatabase}]\n", "step 1: AWS has no operation oil.GetDatabase"),
        (HEAD + "steps: [{as: mars/admin, call: glue.GetDatabases}]\n", "step 1: the seed has no account mars"),
        (HEAD + f"steps: [{{{CALL}, with: {{Name: '${{gone}}'}}}}]\n", "step 1: no step saved gone"),
        (HEAD + f"steps: [{{{CALL}, with: {{Colour: red}}}}]\n", "step 1: Parameter validation failed"),
        (HEAD + f"steps: [{{{CALL}, with: {{Name: sales}}, finds: {{'[': 1}}}}]\n", "step 1: [ is no JMESPath"),
    ],
)  # fmt: skip
def test_a_malformed_file_ends_with_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    assert _run(tmp_path, text) == 2
    said = "".join(capsys.readouterr())
    assert f"{tmp_path}/one.yaml: {problem}" in said or problem in said
    assert str(tmp_path) in said


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        (f"{CALL}, with: {{Name: none}}", "it was refused: EntityNotFoundException"),
        (f"{CALL}, with: {{Name: sales}}, fails: {{}}", "it did not fail"),
        (f"{CALL}, with: {{Name: sales}}, gives: {{Database: {{Name: x}}}}", "Database.Name is 'sales', not 'x'"),
        (f"{CALL}, with: {{Name: sales}}, lacks: [Database]", "Database is there"),
        (f"{CALL}, with: {{Name: none}}, fails: {{code: Other}}", "not with Other"),
        (f"{CALL}, with: {{Name: none}}, fails: {{message: blue}}", "without 'blue'"),
        (f"{CALL}, with: {{Name: sales}}, save: {{x: Nothing}}", "nothing to save at Nothing"),
        (
            "oracle: {principal: central/admin, catalog: central, database: sales, table: orders, column: id}, can: true",
            "the oracle says False",
        ),
    ],
)  # fmt: skip
def test_what_goes_another_way_ends_with_status_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], step: str, problem: str
) -> None:
    assert _run(tmp_path, HEAD + f"steps: [{{{step}}}]\n") == 1
    (line, _) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"FAILED     {tmp_path}/one.yaml: step 1 (")
    assert problem in line


def test_what_goes_as_it_says_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path, HEAD + f"steps: [{{{CALL}, with: {{Name: sales}}}}]\n") == 0
    assert capsys.readouterr().out.splitlines()[0] == f"ok         {tmp_path}/one.yaml: It works"


def test_a_place_without_files_is_refused(tmp_path: Path) -> None:
    assert main([str(tmp_path / "none")]) == 2
