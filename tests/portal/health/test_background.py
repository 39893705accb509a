"""What a governor sees of the workers: what needs attention first, and no secret."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from background.health import Reporter, report_failure
from background.process_states import MAX_FAILURES
from background.task_failures import add_task_counts, resolve_failure
from background.task_table import Queue, TaskName
from fulfilment.holds import Valve
from tests.bank import Bank
from tests.database import as_operator, as_role
from tests.portal.conftest import make_client
from tests.portal.health.workers import (
    WORKER,
    fail_task,
    queue_task,
    silence,
    start_beat,
    start_sweep,
    start_worker,
)


def read_page(bank: Bank) -> str:
    return make_client(bank.greta).get(reverse("health")).content.decode()


def list_problems(bank: Bank) -> list[str]:
    answer = make_client(bank.greta).get(reverse("health"))
    return [problem.text for problem in answer.context["problems"]]


def test_what_needs_attention_comes_first_with_a_link_to_its_details(bank: Bank) -> None:
    with as_operator():
        Valve.objects.create(closed=True, reason="migration weekend")
    start_worker("worker@here", (Queue.ENGINE,))
    fail_task(TaskName.CONVERGE_SCOPE, 7)
    with as_role(WORKER):
        report_failure(Reporter("broker", "worker", 2.0), ConnectionError(), "1234", wait=2.0)
    assert list_problems(bank) == [
        "The audit chain was not verified recently.",
        "No process looks for work that is due. Start beat, a worker or the sweep.",
        "No worker takes messages from the queues sync, outbox, audit, default.",
        "engine.converge_scope fails.",
        "The broker does not take messages.",
        "Writes to AWS are stopped.",
    ]
    page = read_page(bank)
    for section in ("failures", "queues", "workers", "chain", "loops", "valves"):
        assert f'href="#{section}"' in page
        assert f'id="{section}"' in page


def test_an_unexpected_exception_shows_its_traceback_without_its_text(bank: Bank) -> None:
    start_beat()
    start_worker()
    fail_task(TaskName.SEND_MAIL, 12, "password=hunter2")
    failure = fail_task(TaskName.SEND_MAIL, 12, "password=hunter2")
    page = read_page(bank)
    for words in (
        "outbox.send_mail", "mail 12", "failed 2 times in a row", "LookupError", "1234abcd in the workers",
        "in fail_task", f'<details class="traceback" id="traceback-{failure.pk}">',
    ):  # fmt: skip
        assert words in page, words
    assert "hunter2" not in page
    assert page.index('id="failures"') < page.index('id="queues"')


def test_a_failure_that_ended_is_folded_away(bank: Bank) -> None:
    fail_task(TaskName.SEND_MAIL, 12)
    with as_role(WORKER):
        resolve_failure(TaskName.SEND_MAIL, 12)
    page = read_page(bank)
    assert "1 failure ended in the last day" in page
    assert "outbox.send_mail fails" not in page


def test_a_task_that_fails_on_many_rows_lists_a_few(bank: Bank) -> None:
    for row_id in range(1, MAX_FAILURES + 4):
        fail_task(TaskName.DELIVER_WEBHOOK, row_id)
    page = read_page(bank)
    assert "outbox.deliver_webhook fails on 8 rows." in page
    assert "outbox.deliver_webhook fails on 3 more rows." in page
    assert page.count("delivery ") == MAX_FAILURES


def test_queues_tell_what_waits_and_workers_what_they_run(bank: Bank) -> None:
    start_beat()
    start_worker("worker@here", (Queue.ENGINE, Queue.OUTBOX))
    queue_task(TaskName.SEND_MAIL, 5, age=timedelta(seconds=90))
    queue_task(TaskName.SEND_MAIL, 6, age=timedelta(seconds=10))
    queue_task(TaskName.CONVERGE_SCOPE, 7, worker="worker@here")
    answer = make_client(bank.greta).get(reverse("health"))
    outbox = next(queue for queue in answer.context["health"].queues if queue.name == Queue.OUTBOX)
    assert (outbox.waiting, outbox.running, outbox.workers, outbox.is_late) == (2, 0, 1, True)
    (process,) = (one for one in answer.context["health"].alive if one.running)
    assert [(task.task, task.row_id) for task in process.running] == [("engine.converge_scope", 7)]
    page = answer.content.decode()
    assert "A message in the queue outbox has waited for 1 minute." in page
    assert "mail 5" in page
    assert "scope 7" in page


def test_a_process_is_gone_after_fifteen_seconds_until_another_does_its_work(bank: Bank) -> None:
    start_beat()
    start_worker("worker@one", (Queue.ENGINE,))
    silence("worker@one", timedelta(seconds=14))
    assert "last seen" not in read_page(bank)
    silence("worker@one", timedelta(seconds=16))
    assert "last seen 16 s ago" in read_page(bank)
    start_worker("worker@two", (Queue.ENGINE,))
    page = read_page(bank)
    assert "1 process ended in the last hour, and others do its work" in page
    assert "last seen 16 s ago" not in page


def test_it_names_who_dispatches(bank: Bank) -> None:
    assert "no process dispatches" in read_page(bank)
    start_sweep()
    assert "the sweep runs what is due" in read_page(bank)
    start_beat()
    assert "beat@here-1 looks for work that is due." in read_page(bank)


def test_totals_of_each_task(bank: Bank) -> None:
    with as_role(WORKER):
        add_task_counts([("audit.seal", "succeeded", 3, 1.5), ("audit.seal", "failed", 1, 0.5)])
    answer = make_client(bank.greta).get(reverse("health"))
    totals = next(one for one in answer.context["health"].totals if one.name == TaskName.SEAL)
    assert (totals.succeeded, totals.failed, totals.retried, totals.mean_seconds) == (3, 1, 0, 0.5)


def test_it_updates_itself_without_reading_the_scopes_again(bank: Bank) -> None:
    greta = make_client(bank.greta)
    page = greta.get(reverse("health"))
    assert 'hx-trigger="every 3s"' in page.content.decode()
    fail_task(TaskName.SEND_MAIL, 12)
    fragment = greta.get(page.context["poll_url"], headers={"HX-Request": "true"}).content.decode()
    assert "outbox.send_mail fails." in fragment
    assert 'id="scopes"' not in fragment


def test_many_rows_cost_no_more_queries(bank: Bank) -> None:
    greta = make_client(bank.greta)
    counted = []
    for number in (1, 2, 3):
        start_worker(f"worker@{number}")
        queue_task(TaskName.SEND_MAIL, number, worker=f"worker@{number}")
        fail_task(TaskName.SEND_MAIL, number)
        with CaptureQueriesContext(connection) as caught:
            greta.get(reverse("health"))
        counted.append(len(caught))
    assert counted[2] <= counted[1]
