"""Calls at the same time with the same jobs and datasets, in different orders, lose nothing and block nobody."""

import random
import threading

import pytest
from django.db import connection

from catalog.lineage.models import LineageRun, TableEdge
from identity.people.models import Team
from tests import factories
from tests.catalog.lineage.samples import run_event, send
from tests.database import TestDatabase

THREADS, RUNS = 4, 12


def test_calls_at_the_same_time(committed: TestDatabase) -> None:
    team = factories.make_team("Insurance")
    errors: list[BaseException] = []

    def call(number: int) -> None:
        events = [
            run_event(
                state, (f"in{run % 3}",), (f"out{run % 4}",), job=f"job{run % 5}", run=run, minute=minute
            )
            for run in range(RUNS)
            for state, minute in (("START", run), ("COMPLETE", run + 1))
        ]
        random.Random(number).shuffle(events)
        try:
            for start in range(0, len(events), 6):
                assert not send(Team.objects.get(pk=team.pk), *events[start : start + 6]).faults
        except BaseException as error:  # noqa: BLE001 - handed to the test
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert LineageRun.objects.filter(job__team=team, state="complete").count() == RUNS
    edges = TableEdge.objects.filter(job__team=team).values("job", "source", "target")
    assert edges.count() == len({(run % 5, run % 3, run % 4) for run in range(RUNS)})


@pytest.mark.all
def test_calls_at_the_same_time_again_and_again(committed: TestDatabase) -> None:
    for _ in range(10):
        test_calls_at_the_same_time(committed)
