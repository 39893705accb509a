"""What the fuzzer reports."""

from tools.fuzz.report import Finding, FuzzReport


def make_finding(message: str) -> Finding:
    return Finding("GET /api/v1/grants", "consumer", "UndefinedStatusCode", message, "curl")


def make_report() -> FuzzReport:
    report = FuzzReport(seed=7)
    report.count("GET /api/v1/grants", 200, "", is_client=True)
    report.count("GET /api/v1/grants", 400, "invalid_request", is_client=False)
    report.count("POST /api/v1/offers", 403, "forbidden", is_client=True)
    return report


def test_findings_that_differ_in_numbers_alone_are_told_once() -> None:
    report = make_report()
    for message in ("418 of grant 12", "418 of grant 13", "no header"):
        report.add(make_finding(message))
    assert not report.ok
    assert len(report.findings) == 2
    assert "Seed 7: 3 calls, 2 findings" in report.format()


def test_a_run_without_calls_is_not_right() -> None:
    assert not FuzzReport(seed=7).ok
    assert make_report().ok


def test_the_share_of_2xx_is_told_and_what_never_had_one() -> None:
    told = make_report().format()
    assert (
        "2xx: 1 of 2 operations; 33 % of calls, 50 % of reads; of a client's calls 50 %, of its reads 100 %"
        in told
    )
    assert "  POST /api/v1/offers: 403 forbidden (1)" in told
