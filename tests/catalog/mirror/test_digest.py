"""What is the same has the same digest, and what differs has another, whatever it is made of."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from catalog.mirror.snapshot import compute_digest, to_canonical_json

STRANGE = ["half a character \ud800", 2**70, -(2**70), {"deep": {"deeper": "\udfff"}}]


def compute_body_digest(**body: object) -> str:
    return compute_digest(to_canonical_json(body))


def test_the_order_of_members_does_not_matter() -> None:
    assert compute_body_digest(a=1, b={"c": 2, "d": 3}) == compute_body_digest(b={"d": 3, "c": 2}, a=1)


@pytest.mark.parametrize("strange", STRANGE)
def test_what_the_quick_way_refuses_has_a_digest_too(strange: object) -> None:
    assert compute_body_digest(a=strange, b=1) == compute_body_digest(b=1, a=strange)
    assert compute_body_digest(a=strange, b=1) != compute_body_digest(a=strange, b=2)


def test_a_moment_is_the_same_in_every_zone() -> None:
    here = datetime(2026, 1, 5, 9, 0, tzinfo=timezone(timedelta(hours=1)))

    assert compute_body_digest(made=here) == compute_body_digest(made=here.astimezone(UTC))
    assert compute_body_digest(made=here) != compute_body_digest(made=here + timedelta(seconds=1))


def test_a_text_and_a_number_differ() -> None:
    assert (
        len(
            {
                compute_body_digest(a="1"),
                compute_body_digest(a=1),
                compute_body_digest(a=None),
                compute_body_digest(a=True),
                compute_body_digest(),
            }
        )
        == 5
    )
