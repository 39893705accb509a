"""Scans on the pretend AWS: what the sampling role reads becomes findings, and what it may not read says so."""

import json
import logging

import pytest
from django.db import connection

from background.task_table import TaskName
from catalog.classification.actions import start_scans
from catalog.classification.kinds import DetectedKind
from catalog.classification.models import Finding, Scan, ScanState
from identity.accounts import Principal
from kernel import clock
from tests.database import as_operator, as_role
from tests.workers.classification.scan_tables import (
    IBANS,
    MAILS,
    let_read,
    make_people_table,
    make_sampling_role,
    run_scan,
)
from tests.workers.mesh import Mesh
from workers import classification
from workers.aws import athena
from workers.aws.errors import AwsError, ErrorKind
from workers.dispatch.loop import list_due


def start(mesh: Mesh, table_id: int) -> Scan:
    (scan,) = start_scans(acting_user=mesh.owner, table_ids=[table_id], now=clock.now())
    return scan


def list_kinds(scan: Scan) -> dict[str, str]:
    return dict(Finding.objects.filter(table=scan.table_id, state="open").values_list("column", "kind"))


def test_a_role_reads_a_sample_and_what_it_shows_becomes_findings(
    mesh: Mesh, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    table, role = make_people_table(mesh), make_sampling_role(mesh)
    let_read(mesh, role, table)
    scan = run_scan(start(mesh, table.pk))
    assert (scan.state, scan.reason, scan.sampled_rows) == (ScanState.DONE, "", 30)
    assert list_kinds(scan) == {"bank_ref": DetectedKind.IBAN, "contact": DetectedKind.EMAIL}
    found = Finding.objects.get(table=table, column="bank_ref")
    assert found.evidence == [{"check": "iban", "valid": 30, "sampled": 30}]
    assert_no_value_is_kept(caplog.text)


def assert_no_value_is_kept(logged: str) -> None:
    """In no column of any row of ours, and in no line of the log."""
    rows = json.dumps([list(Scan.objects.values()), list(Finding.objects.values())], default=str)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(string_agg(data::text, ' '), '') FROM audit_event")
        rows += cursor.fetchone()[0]
    assert not [value for value in (*IBANS, *MAILS) if value in rows or value in logged]


def test_without_a_sampling_role_the_names_alone_are_looked_at(mesh: Mesh) -> None:
    table = make_people_table(mesh)
    table.columns.filter(name="contact").update(name="e_mail")
    scan = run_scan(start(mesh, table.pk))
    assert (scan.state, scan.is_by_name) == (ScanState.DONE, True)
    assert "no sampling role" in scan.reason
    assert list_kinds(scan) == {"e_mail": DetectedKind.EMAIL}


def test_a_role_without_the_right_fails_the_scan_with_athenas_reason(mesh: Mesh) -> None:
    table, _role = make_people_table(mesh), make_sampling_role(mesh)
    scan = run_scan(start(mesh, table.pk))
    assert (scan.state, scan.is_by_name) == (ScanState.FAILED, True)
    assert scan.reason


def test_a_role_that_does_not_trust_the_workers_fails_the_scan(mesh: Mesh) -> None:
    table, _role = make_people_table(mesh), make_sampling_role(mesh, trusts_workers=False)
    scan = run_scan(start(mesh, table.pk))
    assert scan.state == ScanState.FAILED
    assert "AssumeRole" in scan.reason


@pytest.mark.parametrize("limit", [None, 2_000_000_000_000])
def test_a_workgroup_without_a_low_limit_reads_nothing(mesh: Mesh, limit: int | None) -> None:
    table, role = make_people_table(mesh), make_sampling_role(mesh, limit=limit)
    let_read(mesh, role, table)
    scan = run_scan(start(mesh, table.pk))
    assert (scan.state, scan.executions) == (ScanState.FAILED, [])
    assert "does not limit" in scan.reason


def test_the_portals_own_roles_are_never_used(mesh: Mesh) -> None:
    table, role = make_people_table(mesh), make_sampling_role(mesh)
    observer = mesh.catalog.account.observer_role_arn
    role.principal = Principal.objects.create(
        account=mesh.catalog.account, arn=observer, name="observer", unique_id="AROAOBSERVER", first_seen_at=clock.now()
    )  # fmt: skip
    with as_operator():
        role.save()
    scan = run_scan(start(mesh, table.pk))
    assert (scan.state, scan.executions) == (ScanState.FAILED, [])
    assert "not the portal's own" in scan.reason


def test_a_killed_workers_scan_is_taken_up_again(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> None:
    """It dies after the queries have started, and before anything is recorded."""
    table, role = make_people_table(mesh), make_sampling_role(mesh)
    let_read(mesh, role, table)
    scan = start(mesh, table.pk)
    run_scan(scan, passes=1)
    assert scan.state == ScanState.RUNNING
    with monkeypatch.context() as patch, as_role("meshmarket_worker"):
        patch.setattr(classification, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            classification.advance_scan(scan.pk)
    assert not Finding.objects.exists()
    with as_role("meshmarket_worker"):
        assert scan.pk in list_due(TaskName.SCAN_COLUMNS)
    assert run_scan(scan).state == ScanState.DONE
    assert Finding.objects.filter(table=table).count() == 2


def test_a_throttled_scan_is_tried_again_and_not_for_ever(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, role = make_people_table(mesh), make_sampling_role(mesh)
    let_read(mesh, role, table)
    scan = start(mesh, table.pk)

    def throttle(*_: object, **__: object) -> None:
        raise AwsError(ErrorKind.THROTTLED, "TooManyRequestsException", "Rate exceeded")

    monkeypatch.setattr(athena, "read_scan_limit", throttle)
    assert run_scan(scan, passes=2).state == ScanState.WAITING
    assert scan.attempts == 2
    assert run_scan(scan).state == ScanState.FAILED
    assert scan.reason == "Rate exceeded"
