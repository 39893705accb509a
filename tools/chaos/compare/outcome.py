"""How what AWS holds differs from what was approved, at one moment, and its lines."""

from collections import Counter

from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.access_line import AccessLine
from tools.chaos.compare.convergence import read_unchanged
from tools.chaos.compare.watcher import AccessWatcher
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment


def read_difference(
    stage: WorkerEnvironment, watch: AccessWatcher
) -> tuple[list[approved_access.ApprovedAccess], Counter[AccessLine], observed_access.AccessDifference]:
    """What was agreed to, what AWS holds at that moment, and how they differ."""
    agreed, held = read_unchanged(
        lambda: approved_access.read_approved(stage.superuser_url),
        lambda all_: observed_access.read_lines(watch.get_client, CATALOGS, {grant.holder for grant in all_}),
    )
    return agreed, held, observed_access.compare_access(agreed, held)


def write_differences(
    stage: WorkerEnvironment,
    difference: observed_access.AccessDifference,
    left: list[approved_access.ApprovedAccess],
    wrong: set[int],
) -> None:
    """A line for each fault that was found: which holding, which intent."""
    for word in ("lost", "extra", "duplicate"):
        for holding in sorted(getattr(difference, word)):
            stage.write_line(f"{word}: {' '.join(holding)}")
    for grant in left:
        stage.write_line(
            f"stuck: intent {grant.intent} is {grant.presence}, live {grant.is_live}: {grant.failure}"
        )
    for intent in sorted(wrong):
        stage.write_line(f"wrong: intent {intent}")
