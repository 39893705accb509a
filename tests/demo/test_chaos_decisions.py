"""`manage.py chaos --part decisions`: a slice of it."""

import pytest

from demo.chaos.run import Report
from tests.demo.test_chaos import NOTHING, chaos, said


@pytest.mark.parametrize("fault", ["split", "stale"])
def test_two_answers_to_one_request_are_not_right(fault: str) -> None:
    report = Report("decisions", 1)
    setattr(report, fault, 1)
    assert not report.ok


@pytest.mark.all
def test_of_many_answers_at_once_one_counts() -> None:
    code, found, printed = chaos("--part", "decisions", "--quick")
    assert {name: found[name] for name in (*NOTHING, "split", "stale")} == dict.fromkeys(
        (*NOTHING, "split", "stale"), 0
    ), printed
    assert (code, found["attempts"], found["errors"]["done"]) == (said(found), 320, 8), printed
