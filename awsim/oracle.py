"""Can a principal read a column, and why: judged apart from the request path, so that the two can disagree."""

from dataclasses import dataclass, field

from awsim.world import World


@dataclass(frozen=True)
class Verdict:
    """`reasons` are sentences: the path that allows, or what is missing."""

    allowed: bool
    reasons: list[str] = field(default_factory=list)


def can_read(
    world: World, principal: str, catalog: str, region: str, database: str, table: str, column: str
) -> Verdict:
    raise NotImplementedError
