"""Files against real accounts: what is run, under which names, what is left; a mocklake of other ids stands in for AWS."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from mocklake.scenarios.__main__ import main
from mocklake.scenarios.live import Account, Accounts, left_out, read_accounts, sanitised
from mocklake.scenarios.places import Server
from mocklake.scenarios.scenario import FOLDER, MalformedError, read_scenario

REAL = {"central": "900000000001", "consumer": "900000000002", "partner": "900000000003"}
SEED = """
organisation: ["900000000001", "900000000002"]
accounts:
  - {id: "900000000001", name: one}
  - {id: "900000000002", name: two}
  - {id: "900000000003", name: three}
catalogs:
  - {account: "900000000001", region: eu-central-1, databases: [{name: kept}]}
  - {account: "900000000002", region: eu-central-1}
  - {account: "900000000003", region: eu-central-1}
"""
FILES = (
    "columns-take-select-only",
    "a-second-grant-adds-to-the-first",
    "a-policy-is-listed-with-its-expression",
)


@pytest.fixture(scope="module")
def posing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    seed = tmp_path_factory.mktemp("aws") / "aws.yaml"
    seed.write_text(SEED)
    server = Server.start(seed)
    yield server
    server.end()


@pytest.fixture
def accounts(posing: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of accounts; profiles and the endpoint variable lead to a server that poses as AWS."""
    profiles = ""
    for name, number in REAL.items():
        keys = posing.control(f"credentials?account={number}")
        profiles += f"[{name}-profile]\naws_access_key_id={keys['AccessKeyId']}\n"
        profiles += f"aws_secret_access_key={keys['SecretAccessKey']}\n"
    (tmp_path / "credentials").write_text(profiles)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", posing.url)
    told = {name: {"id": number, "profile": f"{name}-profile"} for name, number in REAL.items()}
    known = {
        "accounts": told,
        "buckets": {"central-lake": "really-mine"},
        "organisation": ["central", "consumer"],
    }
    (tmp_path / "accounts.yaml").write_text(json.dumps(known))
    return tmp_path / "accounts.yaml"


def _live(accounts: Path, *files: str) -> int:
    transcript = accounts.parent / "transcript"
    return main([*files, "--against", "live", "--accounts", str(accounts), "--transcript", str(transcript)])


@pytest.mark.all
def test_files_run_under_real_names_and_leave_nothing(accounts: Path) -> None:
    assert _live(accounts, *(f"lakeformation/{name}.yaml" for name in FILES)) == 0
    session = boto3.Session(profile_name="central-profile", region_name="eu-central-1")
    assert [one["Name"] for one in session.client("glue").get_databases()["DatabaseList"]] == ["kept"]
    assert session.client("iam").list_roles()["Roles"] == []
    assert session.client("s3").list_buckets()["Buckets"] == []
    assert not session.client("lakeformation").list_lf_tags().get("LFTags")


@pytest.mark.all
def test_the_transcript_names_no_real_account(accounts: Path) -> None:
    _live(accounts, f"lakeformation/{FILES[1]}.yaml")
    (path,) = (accounts.parent / "transcript").iterdir()
    text = path.read_text()
    assert path.name == f"lakeformation--{FILES[1]}.json"
    assert "111111111111" in text
    assert not any(real in text for real in (*REAL.values(), "really-mine", "mocklake-scenario-"))


def test_what_aws_cannot_do_is_left_out_by_name(accounts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        _live(accounts, "sts/a-session-ends-with-its-hour.yaml", "athena/a-granted-table-is-read.yaml") == 0
    )
    said = capsys.readouterr().out
    assert "left out   sts/a-session-ends-with-its-hour.yaml: AWS has no clock" in said
    assert "left out   athena/a-granted-table-is-read.yaml: a query needs rows" in said


def test_an_account_that_is_not_given_is_told(accounts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    known = json.loads(accounts.read_text())
    del known["accounts"]["partner"]
    accounts.write_text(json.dumps(known))
    assert _live(accounts, f"lakeformation/{FILES[0]}.yaml") == 0
    assert "no account partner is given" in capsys.readouterr().out


def test_without_a_file_of_accounts_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lakeformation", "--against", "live"]) == 2
    assert "--accounts: live AWS needs a file of accounts" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "accounts: []", 'accounts: {central: {id: "1", profile: x}}', "accounts: {central: {id: 1}}"]
)
def test_a_malformed_file_of_accounts_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "accounts.yaml").write_text(text)
    with pytest.raises(MalformedError, match="it is no file of accounts"):
        read_accounts(tmp_path / "accounts.yaml")


def test_keys_request_ids_and_strange_accounts_are_taken_out() -> None:
    said = {
        "Credentials": {"AccessKeyId": "ASIAX", "SessionToken": "t"},
        "message": "arn:aws:iam::999999999999:role/x of 111111111111, 5aa3c0de-0000-4000-8000-0123456789ab",
    }
    assert sanitised(said, frozenset({"111111111111"})) == {
        "Credentials": {"AccessKeyId": "…", "SessionToken": "…"},
        "message": "arn:aws:iam::000000000000:role/x of 111111111111, 00000000-0000-0000-0000-000000000000",
    }


def test_most_files_about_grants_can_be_run_on_aws() -> None:
    told = {name: Account(number, name) for name, number in REAL.items()}
    known = Accounts(told, {"central-lake": "mine"}, ("central", "consumer"))
    every = [read_scenario(path) for path in (FOLDER / "lakeformation").glob("*.yaml")]
    assert sum(not left_out(one, known) for one in every) > len(every) / 3
