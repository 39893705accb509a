"""Each failure in a row doubles the wait, up to the longest."""

from kernel.backoff import compute_backoff


def test_the_wait_doubles_up_to_the_longest() -> None:
    waits = [compute_backoff(failures, initial=0.5, maximum=3.0) for failures in (0, 1, 2, 3, 4, 5, 5000)]
    assert waits == [0.0, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0]


def test_jitter_spreads_it_around_the_same() -> None:
    waits = [compute_backoff(3, initial=1.0, maximum=60.0, jitter=0.25) for _ in range(200)]
    assert 3.0 <= min(waits) < 3.5
    assert 4.5 < max(waits) <= 5.0
