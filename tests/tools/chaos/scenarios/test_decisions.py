"""`manage.py chaos --part decisions`: what is not right."""

import pytest

from tools.chaos.report import PartReport


@pytest.mark.parametrize("fault", ["split", "stale"])
def test_two_answers_to_one_request_are_not_right(fault: str) -> None:
    report = PartReport("decisions", 1)
    setattr(report, fault, 1)
    assert not report.ok
