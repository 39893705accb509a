"""Guesses that are sent at the same time are counted one by one, before any password is looked at."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from identity.people.actions import attempt_sign_in
from identity.people.may import SIGN_IN_LIMIT
from kernel import clock
from kernel.errors import ForbiddenError


@pytest.mark.usefixtures("committed")
def test_no_more_guesses_are_heard_at_once_than_one_after_the_other() -> None:
    with ThreadPoolExecutor(8) as threads:
        heard = list(threads.map(lambda _: is_attempt_accepted(), range(24)))
    assert sum(heard) == SIGN_IN_LIMIT.per_email


def is_attempt_accepted() -> bool:
    try:
        attempt_sign_in(email="ana@bank.example", address="", now=clock.now())
    except ForbiddenError:
        return False
    finally:
        connections.close_all()
    return True
