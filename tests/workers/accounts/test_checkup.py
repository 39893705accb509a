"""Check-ups on the pretend AWS: what the bank's accounts have, and what is seen when something is taken away."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from background.task_table import TaskName
from demo.bank.accounts import BI, GOVERNANCE, REGION
from identity.accounts import Account
from identity.connections import AccountConnection
from kernel import clock
from lakeformation.checkup import Finding, FindingKind
from tests.database import as_role
from tests.factories import make_checkup
from tests.workers.due_tasks import run_due
from tests.workers.mesh import Mesh
from workers.accounts.checkup import check_account
from workers.management.commands.doctor import KIND_TEXTS


def get_account(account_id: str) -> Account:
    return Account.objects.get(account_id=account_id)


def run_checkup(account_id: str) -> dict[str, Finding]:
    with as_role("meshmarket_worker"):
        return {finding.code: finding for finding in check_account(get_account(account_id), REGION)}


def test_the_banks_accounts_miss_nothing(mesh: Mesh) -> None:
    for account_id in (GOVERNANCE, BI):
        assert not [one for one in run_checkup(account_id).values() if one.kind is not FindingKind.BYPASS]


def test_a_wrong_external_id_is_said_in_the_words_of_aws(mesh: Mesh) -> None:
    with as_role("meshmarket_owner"):
        Account.objects.filter(account_id=BI).update(external_id="something-else")
    finding = run_checkup(BI)["unreadable"]
    assert "The executor's role could not be read" in finding.text or "observer's role" in finding.text
    assert "not authorized to perform: sts:AssumeRole" in finding.text


def test_a_checkup_that_was_asked_for_is_made_once(mesh: Mesh) -> None:
    checkup = make_checkup(account=get_account(BI))
    with as_role("meshmarket_worker"):
        assert (run_due(TaskName.CHECK_ACCOUNT), run_due(TaskName.CHECK_ACCOUNT)) == (1, 0)
    checkup.refresh_from_db()
    assert checkup.finished_at is not None


def test_an_account_that_is_not_in_the_mesh_yet_is_looked_at(mesh: Mesh) -> None:
    known = get_account(BI)
    connection = AccountConnection.objects.create(
        account_id="710000000001", name="Nobody's", region=REGION, team=known.team, grants=False,
        external_id="meshmarket-710000000001", requested_by=mesh.owner, requested_at=clock.now(),
    )  # fmt: skip
    checkup = make_checkup(connection=connection)
    with as_role("meshmarket_worker"):
        run_due(TaskName.CHECK_ACCOUNT)
    checkup.refresh_from_db()
    assert {finding["code"] for finding in checkup.findings} == {"unreadable"}


def test_the_doctor_tells_and_counts(mesh: Mesh) -> None:
    said = StringIO()
    call_command("doctor", BI, stdout=said)
    _, endpoint, title, *lines, counts = said.getvalue().splitlines()
    assert endpoint.endswith(" is mocklake, and keeps its state.")
    assert title == f"{get_account(BI)}, {REGION}:"
    assert "            ok  The workers can assume its observer and its executor." in lines
    assert counts == f"{len(lines) + 1} ok"
    with as_role("meshmarket_owner"):
        Account.objects.filter(account_id=BI).update(external_id="something-else")
    said = StringIO()
    with pytest.raises(CommandError, match="must be fixed"):
        call_command("doctor", BI, "--json", stdout=said)
    rows = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {row["code"] for row in rows if row["account"] and row["kind"] != "unknown"} == {"external_id"}


def test_the_doctor_tells_what_is_healthy_in_all_accounts_of_the_demo(mesh: Mesh) -> None:
    """Producers whose tables lie in the central catalog grant nothing, so nothing is missing there."""
    said = StringIO()
    call_command("doctor", "--json", stdout=said)
    rows = [json.loads(line) for line in said.getvalue().splitlines()]
    assert {row["account"] for row in rows} - {""} == set(
        Account.objects.values_list("account_id", flat=True)
    )
    assert {row["state"] for row in rows} <= {"ok", "attention"}
    assert {row["kind"] for row in rows if row["state"] == "ok"} == {"ok"}
    assert {row["kind"] for row in rows if row["state"] == "attention"} <= {"bypass"}


def test_asking_whether_a_role_opens_without_the_external_id_is_no_refusal_in_the_log(
    mesh: Mesh, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", logger="workers.aws.calls"):
        findings = run_checkup(BI)
    assert "external_id_not_asked" not in findings
    assert [record.getMessage() for record in caplog.records if "AssumeRole" in record.getMessage()] == []


def test_the_doctor_has_a_word_for_each_kind() -> None:
    assert set(KIND_TEXTS) == set(FindingKind)


def test_the_doctor_knows_its_accounts_only(mesh: Mesh) -> None:
    with pytest.raises(CommandError, match="no account 999999999999 in the mesh"):
        call_command("doctor", "999999999999")
