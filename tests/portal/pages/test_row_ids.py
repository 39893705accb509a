"""Ids from outside: ASCII digits that fit a bigint; what is none counts for nothing."""

import pytest

from portal.pages.row_ids import map_by_id, parse_id, parse_ids


@pytest.mark.parametrize("text", ["", " 7", "-7", "7.0", "٧", "²", "1_000", "9" * 19, "seven"])  # noqa: RUF001
def test_what_is_no_number_of_ascii_digits_or_too_long_is_no_id(text: str) -> None:
    assert parse_id(text) is None


def test_an_id_is_a_number_of_eighteen_digits_at_most() -> None:
    assert (parse_id("7"), parse_id("9" * 18)) == (7, 10**18 - 1)


def test_ids_come_in_their_order_each_once() -> None:
    assert parse_ids(["9", "x", "7", "9"]) == [9, 7]


def test_what_stands_beside_no_id_goes_with_it() -> None:
    assert map_by_id(["9", "x", "7"], ["nine", "lost", "seven"]) == {9: "nine", 7: "seven"}
