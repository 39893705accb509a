"""Reports of browsers on the content policy: cut, counted and limited."""

import pytest
from django.test import Client

from portal.csp_reports import views
from portal.csp_reports.views import Throttle


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> Throttle:
    made = Throttle(seconds=60, limit_per_address=3, total_limit=5)
    monkeypatch.setattr(views, "report_throttle", made)
    return made


def post_report(address: str, body: bytes = b"{}") -> int:
    client = Client(REMOTE_ADDR=address)
    return client.post("/csp-report/", body, content_type="application/csp-report").status_code


def test_reports_on_the_policy_are_limited_by_address_and_together(
    reports: Throttle, caplog: pytest.LogCaptureFixture
) -> None:
    assert [post_report("192.0.2.1") for _ in range(4)] == [204, 204, 204, 429]
    assert [post_report(f"192.0.2.{n}") for n in range(2, 5)] == [204, 204, 429]
    assert sum("content policy" in record.getMessage() for record in caplog.records) == 5


def test_a_long_report_is_cut_in_the_log(reports: Throttle, caplog: pytest.LogCaptureFixture) -> None:
    assert post_report("192.0.2.1", b"x" * 16_000) == 204
    assert max(len(record.getMessage()) for record in caplog.records) < 2200


def test_reports_are_taken_again_after_a_while() -> None:
    made = Throttle(seconds=60, limit_per_address=1, total_limit=5)
    assert [made.allows("a", now) for now in (0.0, 59.0, 60.0, 61.0)] == [True, False, True, False]
