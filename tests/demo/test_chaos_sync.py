"""`manage.py chaos --part sync`: readings that are killed leave no half of a table, and the next one mends all."""

import pytest

from tests.demo.test_chaos import NOTHING, chaos, said


@pytest.mark.all
def test_killed_readings_leave_no_half_of_a_table() -> None:
    code, found, printed = chaos("--part", "sync", "--quick")

    assert {name: found[name] for name in NOTHING} == NOTHING, printed
    assert (code, found["requests"]) == (said(found), 450), printed
    assert found["statuses"] > 450
