"""When a transfer is too slow."""

from marketplace.http_server.connections import Limits, TransferWindow

LIMITS = Limits(transfer_seconds=10, bytes_per_second=100)


def test_each_stretch_of_a_transfer_has_to_move_on() -> None:
    """What came fast before is no credit."""
    watched = TransferWindow()
    judged = [
        watched.is_too_slow(now, done, LIMITS)
        for now, done in ((100, 0), (105, 0), (110, 1000), (119, 1000), (120, 1999))
    ]
    assert judged == [False, False, False, False, True]


def test_the_next_transfer_starts_anew() -> None:
    watched = TransferWindow()
    assert not watched.is_too_slow(100, 5000, LIMITS)
    watched.reset()
    assert not watched.is_too_slow(200, 5000, LIMITS)
    assert watched.is_too_slow(210, 5999, LIMITS)
