"""What keeps a background part alive: isolation of single rows, back-off, and who may write how a part fares."""

import logging
import time

import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from background import tasks
from background.health import (
    Reporter,
    delete_stale_task_health,
    list_degraded_loops,
    list_loop_states,
    report_failure,
    report_success,
)
from background.models import TaskHealth
from background.tasks import (
    BackgroundTask,
    ErrorCollector,
    PartialFailureError,
    compute_task_backoff,
)
from tests.database import as_role

pytestmark = pytest.mark.django_db
WORKER, WEB = "meshmarket_worker", "meshmarket_web"


def test_what_fails_is_left_out_and_told_once_all_others_are_done() -> None:
    faults, done, told = ErrorCollector(), list[int](), list[str]()
    for number in range(4):
        with faults.collect(f"row {number}", told.append):
            done.append(10 // (number - 1))
    assert done == [-10, 10, 5]
    (sentence,) = told
    assert sentence.startswith("an unexpected ZeroDivisionError: error ")
    with pytest.raises(PartialFailureError) as raised:
        faults.raise_first()
    assert isinstance(raised.value.first_error, ZeroDivisionError)


def test_a_database_that_went_away_is_nothing_wrong_with_the_row() -> None:
    faults, told = ErrorCollector(), list[str]()
    with pytest.raises(OperationalError), faults.collect("a row", told.append):
        raise OperationalError("connection is bad")
    assert told == []


def test_the_wait_doubles_up_to_a_minute() -> None:
    waits = [compute_task_backoff(failures, 1.0) for failures in range(1, 12)]
    assert 0.75 <= waits[0] <= 1.25
    assert 3 <= waits[2] <= 5
    assert 45 <= min(waits[7:]) <= max(waits) <= 75


def test_the_traceback_is_logged_under_the_id_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    part = BackgroundTask("mail", lambda: 1 // 0, 1.0)
    with as_role(WORKER), caplog.at_level(logging.ERROR):
        assert not part.run("sweep")
    row = TaskHealth.objects.get(part="mail")
    record = next(record for record in caplog.records if row.error_id in record.getMessage())
    assert record.exc_info is not None
    assert row.error_class == "ZeroDivisionError"


def test_a_short_outage_of_the_database_is_no_failure_and_a_long_one_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise OperationalError("connection is bad")

    monkeypatch.setattr(connections, "close_all", lambda: None)
    part = BackgroundTask("mail", away, 0.5)
    with as_role(WORKER):
        for _ in range(tasks.MAX_TRANSIENT_FAILURES - 1):
            part.run("sweep")
        assert not TaskHealth.objects.exists()
        part.run("sweep")
        assert TaskHealth.objects.get().error_class == "OperationalError"
    # Its pace stays as it is: the database may be back at any moment.
    assert part.due_at - time.monotonic() <= 0.5


def test_a_loop_that_no_web_process_runs_is_silent_and_forgotten_after_a_day() -> None:
    with as_role(WEB):
        report_success(Reporter("bulk decisions", "web", 5.0))
    with as_role(WORKER):
        report_failure(Reporter("dispatch of audit.seal", "beat", 5.0), KeyError(), "1234", wait=5.0)
        assert list_degraded_loops() == ["dispatch of audit.seal"]
        _age("10 minutes")
        # The workers' rows say whether their processes are alive.
        assert list_degraded_loops() == ["bulk decisions"]
        assert all(state.is_silent for state in list_loop_states())
        _age("1 day")
        assert delete_stale_task_health() == 2


def test_a_loop_that_runs_seldom_is_not_silent_before_three_intervals() -> None:
    with as_role(WEB):
        report_success(Reporter("access reviews", "web", 900.0))
    with as_role(WORKER):
        _age("40 minutes")
        assert list_degraded_loops() == []
        _age("10 minutes")
        assert list_degraded_loops() == ["access reviews"]


def test_a_failure_of_a_worker_that_dispatches_no_more_is_left_out() -> None:
    with as_role(WORKER):
        report_failure(Reporter("broker", "worker", 2.0), ConnectionError(), "1234", wait=2.0)
        _age("10 minutes")
        report_success(Reporter("heartbeat", "worker", 2.0))
        assert list_degraded_loops() == ["broker"]
        report_success(Reporter("broker", "beat", 2.0))
    assert list_degraded_loops() == []


def test_a_failure_in_another_process_is_not_cleared_by_a_success_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with as_role(WORKER):
        monkeypatch.setattr("background.health.host_name", lambda: "other")
        report_failure(Reporter("mail", "sweep", 5.0), KeyError(), "1234", wait=5.0)
        monkeypatch.setattr("background.health.host_name", lambda: "here")
        report_success(Reporter("mail", "sweep", 5.0))
    assert list_degraded_loops() == ["mail"]


def test_the_web_cannot_say_that_the_workers_are_well() -> None:
    with as_role(WORKER):
        report_failure(Reporter("mail", "sweep", 5.0), KeyError(), "1234", wait=5.0)
    with as_role(WEB):
        with pytest.raises(DatabaseError, match="the web may not write"), transaction.atomic():
            report_success(Reporter("mail", "sweep", 5.0))
        report_success(Reporter("bulk decisions", "web", 5.0))
    assert "mail" in list_degraded_loops()


def _age(interval: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE fulfilment_taskhealth SET reported_at = reported_at - %s::interval", [interval]
        )
