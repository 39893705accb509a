"""The tests' own rounds go on where the sweep's would."""

import pytest
from django.db import connection

from tests.workers import engine_rounds
from tests.workers.mesh import Mesh
from workers.engine.claim import short_transaction


def test_a_transaction_that_took_too_long_costs_a_round_and_no_more(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    grant = mesh.grant()
    with monkeypatch.context() as slow:
        slow.setattr(engine_rounds, "run_due_rounds", sleep_too_long)
        assert mesh.run_rounds() == 0
    mesh.run_until_presence(grant, "present")


def sleep_too_long(*, max_rounds: int) -> int:
    with short_transaction(0.1), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    return max_rounds
