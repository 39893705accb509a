"""`manage.py chaos`: what several processes share is told as one, and nothing of it gets lost."""

import pytest

from tools.chaos.report import PartReport
from tools.chaos.run.parallel import FULL, SHARED_FROM, PartSize, merge_reports, split_size
from tools.chaos.scenarios.drift import SCAN_FROM_CHANGES


@pytest.mark.parametrize(
    ("part", "requests", "processes"),
    [
        ("races", 10_000, 2), ("histories", 500, 2), ("races", 499, 1), ("kills", 500, 1),
        ("drift", 10_000, 2), ("drift", 1999, 1),
    ],
)  # fmt: skip
def test_many_histories_races_or_changes_are_shared(part: str, requests: int, processes: int) -> None:
    assert len(split_size(part, PartSize(requests, 7), None)) == processes


def test_each_share_of_changes_ends_with_a_timed_scan() -> None:
    assert all(
        size.requests >= SCAN_FROM_CHANGES
        for size in split_size("drift", PartSize(SHARED_FROM["drift"]), None)
    )


@pytest.mark.parametrize(("requests", "each"), [(10, [5, 5]), (5, [2, 3]), (1, [1])])
def test_all_of_it_is_shared_out(requests: int, each: list[int]) -> None:
    assert [share.requests for share in split_size("races", PartSize(requests), 2)] == each


def test_all_of_sync_is_a_catalog_of_ten_thousand_tables_and_beside_it_one_of_a_hundred_thousand() -> None:
    assert split_size("sync", FULL["sync"], None) == [PartSize(10_000, 200), PartSize(100_000, 5)]
    assert [share.requests for share in split_size("sync", FULL["sync"], 1)] == [10_000]


def test_what_was_counted_is_added_up_and_the_worst_time_counts() -> None:
    first = PartReport(
        "races", 7, requests=5, statuses=20, gone_after=3.5, errors={"revoked": 2, "expires": 1}
    )
    second = PartReport("races", 8, requests=6, statuses=30, gone_after=1.5, errors={"revoked": 4})
    found = merge_reports([first.to_json(), second.to_json()])
    assert (found.part, found.seed, found.requests, found.statuses, found.gone_after) == (
        "races",
        7,
        11,
        50,
        3.5,
    )
    assert found.errors == {"revoked": 6, "expires": 1}
    assert found.ok


def test_a_fault_that_one_process_saw_is_a_fault_of_all() -> None:
    right, wrong = PartReport("histories", 7), PartReport("histories", 8, early=1)
    assert not merge_reports([right.to_json(), wrong.to_json()]).is_right
