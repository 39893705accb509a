"""How what AWS holds differs from what was approved, at one moment, and its lines."""

from collections import Counter

from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.convergence import at_one_moment
from tools.chaos.compare.watcher import Watch
from tools.environment.worker_environment import CATALOGS, Stage


def compared(
    stage: Stage, watch: Watch
) -> tuple[list[approved.Agreed], Counter[Holding], observed.Difference]:
    """What was agreed to, what AWS holds at that moment, and how they differ."""
    agreed, held = at_one_moment(
        lambda: approved.read_agreed(stage.superuser_url),
        lambda all_: observed.read_held(watch.client, CATALOGS, {grant.holder for grant in all_}),
    )
    return agreed, held, observed.compare(agreed, held)


def say_differences(
    stage: Stage, difference: observed.Difference, left: list[approved.Agreed], wrong: set[int]
) -> None:
    """A line for each fault that was found: which holding, which intent."""
    for word in ("lost", "extra", "duplicate"):
        for holding in sorted(getattr(difference, word)):
            stage.say(f"{word}: {' '.join(holding)}")
    for grant in left:
        stage.say(f"stuck: intent {grant.intent} is {grant.presence}, live {grant.is_live}: {grant.failure}")
    for intent in sorted(wrong):
        stage.say(f"wrong: intent {intent}")
