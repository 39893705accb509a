"""Products used together. Pure."""

from requests_app.mesh.used_together import find_pairs


def test_a_pair_needs_two_teams() -> None:
    assert find_pairs([(1, 10), (1, 20)]) == []
    (pair,) = find_pairs([(1, 10), (1, 20), (2, 10), (2, 20)])
    assert (pair.first, pair.second, pair.teams, pair.lift) == (10, 20, 2, 1.0)


def test_lift_is_more_than_one_where_it_is_no_chance() -> None:
    uses = [(1, 10), (1, 20), (2, 10), (2, 20), (3, 30), (4, 30)]
    assert [pair.lift for pair in find_pairs(uses)] == [2.0]


def test_a_use_counts_once() -> None:
    assert find_pairs([(1, 10), (1, 10), (1, 20), (1, 20)]) == []
