"""`manage.py chaos` runs in a world whose switches come from the seed, or stand as they are asked to."""

from awsim.testing.switches import ALL, OTHER
from tools.environment.aws_switches import lateness, switches_of, worded

DEFAULTS = {name: one.values[0] for name, one in ALL.items()}


def test_a_seed_draws_the_same_switches_again() -> None:
    assert switches_of("drawn", 3) == switches_of("drawn", 3)
    assert switches_of("drawn", 3) != switches_of("drawn", 4)


def test_every_way_of_every_switch_is_drawn_by_some_seed() -> None:
    drawn = {(name, value) for seed in range(60) for name, value in switches_of("drawn", seed).items()}
    assert drawn == {(name, value) for name, one in ALL.items() for value in one.values}


def test_all_at_their_default_or_all_the_other_way() -> None:
    assert switches_of("default", 3) == DEFAULTS
    assert switches_of("other", 3) == OTHER


def test_only_what_is_turned_is_told() -> None:
    assert worded(DEFAULTS) == "all at their default"
    assert worded(DEFAULTS | {"super_folds": False}) == "super_folds=False"


def test_the_engine_is_told_for_how_long_a_listing_may_be_late() -> None:
    assert (lateness(DEFAULTS), lateness(OTHER)) == (0.0, 0.3)
