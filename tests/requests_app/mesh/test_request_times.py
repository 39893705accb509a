"""Times from request to proof, and where requests end. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from requests_app.mesh.request_times import ItemTimes, Stop, compute_quantile, count_stops, summarise_times

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make(state: str = "approved", **said: object) -> ItemTimes:
    return ItemTimes("Insurance", state, AT, AT + 30 * 24 * HOUR, **said)  # type: ignore[arg-type]


def make_proven(hours: int) -> ItemTimes:
    granted = AT + hours * HOUR
    return make(granted_at=granted, sent_at=granted + HOUR, proven_at=granted + 2 * HOUR)


def test_steps_add_up() -> None:
    found = summarise_times([make_proven(n) for n in (1, 2, 3, 4, 10)], lambda one: one.domain)["Insurance"]
    hours = [found.median, found.high, found.decision, found.engine, found.proof]
    assert [value and value / 3600 for value in hours] == [5, 12, 3, 1, 1]


def test_of_few_requests_no_time_is_named() -> None:
    found = summarise_times([make_proven(n) for n in range(1, 5)], lambda _one: "")[""]
    assert (found.count, found.median, found.decision) == (4, None, None)


def test_what_aws_held_already_has_no_call() -> None:
    rows = [make(granted_at=AT + HOUR, proven_at=AT + 2 * HOUR) for _number in range(5)]
    found = summarise_times(rows, lambda _one: "")[""]
    assert (found.engine, found.proof) == (3600, None)


def test_automatic_decisions_are_a_share_of_all() -> None:
    rows = [make_proven(1), make(granted_at=AT, is_automatic=True), make("rejected"), make("submitted")]
    found = summarise_times(rows, lambda _one: "")[""]
    assert (found.automatic, found.decided) == (1, 3)
    assert summarise_times([make("submitted")], lambda _one: "")[""].automatic_share is None


@pytest.mark.parametrize(
    ("item", "stop"),
    [
        (make_proven(1), Stop.PROVEN),
        (make(granted_at=AT), Stop.IN_ENGINE),
        (make(granted_at=AT, ended_at=AT + HOUR), Stop.ENDED_UNPROVEN),
        (make("submitted"), Stop.WAITING),
        (make("returned"), Stop.RETURNED),
        (make("rejected"), Stop.REJECTED),
        (make("withdrawn"), Stop.WITHDRAWN_WAITING),
        (make("withdrawn", is_closed=True), Stop.CLOSED),
    ],
)
def test_each_item_is_somewhere(item: ItemTimes, stop: Stop) -> None:
    assert item.find_stop(AT + HOUR) == stop


def test_a_request_expires_when_its_end_comes_before_a_decision() -> None:
    assert count_stops([make("submitted")], AT + 31 * 24 * HOUR)[Stop.EXPIRED] == 1


def test_quantiles_are_values_that_occurred() -> None:
    assert compute_quantile([1, 2, 3, 4, 5], 0.5) == 3
    assert compute_quantile([1, 2, 3, 4, 5], 0.9) == 5
