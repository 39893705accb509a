"""Which way the pretend AWS goes in a run where that is not known of AWS: its switches, drawn from the run's seed."""

import random
from collections.abc import Mapping

from mocklake.testing.switches import ALL, OTHER, Value

CHOICES = ("default", "other", "drawn")
LISTING_DELAY_SWITCH = "late_listing_milliseconds"


def choose_switches(choice: str, seed: int) -> dict[str, Value]:
    """Every switch with its value; `drawn` takes each of a switch's values alike often."""
    if choice == "drawn":
        lots = random.Random(f"switches-{seed}")
        return {name: lots.choice(one.values) for name, one in ALL.items()}
    return dict(OTHER) if choice == "other" else {name: one.values[0] for name, one in ALL.items()}


def format_switches(switches: Mapping[str, Value]) -> str:
    """The switches that are not at their default, as one line."""
    turned = [f"{name}={value}" for name, value in switches.items() if value != ALL[name].values[0]]
    return ", ".join(turned) or "all at their default"


def get_listing_delay(switches: Mapping[str, Value]) -> float:
    """For how many seconds after a call a listing may show what was before it."""
    return int(switches.get(LISTING_DELAY_SWITCH, 0)) / 1000
