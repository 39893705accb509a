"""`manage.py chaos` runs in a world whose switches come from the seed, or stand as they are asked to."""

from mocklake.testing.switches import ALL, AWS_LIKE, OTHER
from tools.environment.aws_switches import choose_switches, format_switches, get_listing_delay

MANNERS = AWS_LIKE.get_switches()
DEFAULTS = {name: one.values[0] for name, one in ALL.items()} | MANNERS


def test_a_seed_draws_the_same_switches_again() -> None:
    assert choose_switches("drawn", 3) == choose_switches("drawn", 3)
    assert choose_switches("drawn", 3) != choose_switches("drawn", 4)


def test_every_way_of_every_switch_is_drawn_by_some_seed() -> None:
    drawn = {(name, value) for seed in range(60) for name, value in choose_switches("drawn", seed).items()}
    others = {(name, value) for name, one in ALL.items() for value in one.values if name not in MANNERS}
    assert drawn == others | set(MANNERS.items())


def test_all_at_their_default_or_all_the_other_way() -> None:
    assert choose_switches("default", 3) == DEFAULTS
    assert choose_switches("other", 3) == OTHER | MANNERS


def test_only_what_is_turned_is_told() -> None:
    assert format_switches(DEFAULTS) == "all at their default"
    assert format_switches(DEFAULTS | {"super_folds": False}) == "super_folds=False"


def test_the_engine_is_told_for_how_long_a_listing_may_be_late() -> None:
    assert get_listing_delay(choose_switches("drawn", 3)) == 0.3
    assert get_listing_delay({}) == 0.0
