"""What the fuzzer reports."""

from tools.fuzz.ids import KnownIds
from tools.fuzz.report import Finding, FuzzReport


def make_finding(message: str) -> Finding:
    return Finding("GET /api/v1/grants", "consumer", "UndefinedStatusCode", message, "curl")


def test_findings_that_differ_in_numbers_alone_are_told_once() -> None:
    report = FuzzReport(seed=7, calls=3)
    for message in ("418 of grant 12", "418 of grant 13", "no header"):
        report.add(make_finding(message))
    assert not report.ok
    assert len(report.findings) == 2
    assert "Seed 7: 3 calls, 2 findings" in report.format()


def test_a_run_without_calls_is_not_right() -> None:
    assert not FuzzReport(seed=7).ok


def test_ids_are_known_by_what_they_belong_to() -> None:
    ids = KnownIds()
    ids.collect_body(b'{"results": [{"url": "http://x/api/v1/grants/12?a=1"}]}')
    assert ids.get_choices("/api/v1/grants/{id}/revoke") == {"id": ["12"]}
    assert ids.get_choices("/api/v1/offers/{id}") == {}
