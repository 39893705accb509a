"""Which way the pretend AWS goes in a run where that is not known of AWS: its switches, drawn from the run's seed.

Its manners are aws-like in every run: the switches that belong to them are set as they are there, however others are drawn.
"""

import random
from collections.abc import Mapping

from mocklake.testing.switches import ALL, AWS_LIKE, OTHER, Value

CHOICES = ("default", "other", "drawn")
LISTING_DELAY_SWITCH = "late_listing_milliseconds"


def choose_switches(choice: str, seed: int) -> dict[str, Value]:
    """Every switch with its value; `drawn` takes each of a switch's values alike often."""
    if choice == "drawn":
        lots = random.Random(f"switches-{seed}")
        chosen = {name: lots.choice(one.values) for name, one in ALL.items()}
    else:
        chosen = dict(OTHER) if choice == "other" else {name: one.values[0] for name, one in ALL.items()}
    return chosen | AWS_LIKE.get_switches()


def format_switches(switches: Mapping[str, Value]) -> str:
    """The switches that are not at their default, as one line."""
    usual = {name: one.values[0] for name, one in ALL.items()} | AWS_LIKE.get_switches()
    turned = [f"{name}={value}" for name, value in switches.items() if value != usual[name]]
    return ", ".join(turned) or "all at their default"


def get_listing_delay(switches: Mapping[str, Value]) -> float:
    """For how many seconds after a call a listing may show what was before it."""
    return int(switches.get(LISTING_DELAY_SWITCH, 0)) / 1000
