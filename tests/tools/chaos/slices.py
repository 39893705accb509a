"""Slices of `manage.py chaos` for the tests: each some parts, little of each, with a seed of its own."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ChaosSlice:
    """`sizes` are arguments of the command; without them a part has the size of a quick run."""

    name: str
    seed: int
    parts: tuple[str, ...]
    sizes: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        named = [word for part in self.parts for word in ("--part", part)]
        return ["chaos", "--quick", "--seed", str(self.seed), "--json", *named, *self.sizes]


SLICES = (
    ChaosSlice("kills", 1, ("kills",), ("--requests=5", "--kills=8")),
    ChaosSlice(
        "failures", 1269, ("outages", "faults", "sweeps", "registrations"), ("--requests=4", "--kills=2")
    ),
    ChaosSlice("changes", 1421, ("sync", "decisions", "histories", "races", "drift")),
)
