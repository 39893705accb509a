"""Decisions wait while a policy is put in force, and the other way round; decisions do not wait for each other."""

from concurrent.futures import ThreadPoolExecutor

from django.db import OperationalError, connection, transaction

from requests_app.policies.evaluation import lock_policies
from tests.database import TestDatabase


def is_free(*, shared: bool) -> bool:
    """Whether another transaction gets the lock at once."""

    def attempt() -> bool:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                lock_policies(shared=shared)
        except OperationalError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(attempt).result()


def test_a_decision_keeps_changes_of_policies_waiting_and_no_other_decision(committed: TestDatabase) -> None:
    with transaction.atomic():
        lock_policies()
        assert (is_free(shared=True), is_free(shared=False)) == (True, False)
    assert is_free(shared=False)


def test_a_change_of_policies_keeps_decisions_waiting(committed: TestDatabase) -> None:
    with transaction.atomic():
        lock_policies(shared=False)
        assert not is_free(shared=True)
    assert is_free(shared=True)
