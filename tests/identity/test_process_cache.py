"""What was found out once is kept until others were asked for more lately."""

import pytest

from identity.process_cache import Kept


def test_it_is_found_out_once() -> None:
    kept: Kept[str, int] = Kept(2)
    found = iter(range(9))
    assert [kept.once(key, lambda: next(found)) for key in ("a", "b", "a")] == [0, 1, 0]


def test_what_was_asked_for_least_lately_goes_first() -> None:
    kept: Kept[str, int] = Kept(2)
    kept.put("a", 1)
    kept.put("b", 2)
    assert kept.get("a") == 1
    kept.put("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_what_is_found_out_anew_takes_no_more_room() -> None:
    kept: Kept[str, int] = Kept(2)
    for found in range(3):
        kept.put("a", found)
    kept.put("b", 9)
    assert (kept.get("a"), kept.get("b")) == (2, 9)


def test_nothing_found_is_kept_too() -> None:
    kept: Kept[str, list[int]] = Kept(1)
    assert kept.once("a", list) is kept.once("a", list)


def test_what_fails_is_asked_again() -> None:
    kept: Kept[str, int] = Kept(1)
    numbers: list[int] = []
    with pytest.raises(IndexError):
        kept.once("a", numbers.pop)
    numbers.append(7)
    assert kept.once("a", numbers.pop) == 7


def test_all_of_it_can_be_forgotten() -> None:
    kept: Kept[str, int] = Kept(1)
    kept.put("a", 1)
    kept.clear()
    assert kept.get("a") is None
