"""The demo's bank in a database of its own, for calls that change it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from background.task_table import TASKS, TaskName
from demo.seed.derivation import seed_derivation, seed_publication_rules, seed_write_access
from demo.seed.discussion import seed_discussion
from demo.seed.glossary import seed_saved_searches
from demo.seed.local_groups import seed_local_groups
from demo.seed.offers import seed_offers
from demo.seed.policies import seed_policies
from demo.seed.product_details import seed_deprecations, seed_publications
from tools.environment.in_process_environment import InProcessEnvironment
from tools.environment.worker_environment import worker_environment
from workers.sweep import run_once

SEALING = {TaskName.SEAL, TaskName.VERIFY}
SEEDS = (
    seed_policies, seed_publications, seed_offers, seed_local_groups, seed_discussion, seed_saved_searches,
    seed_publication_rules, seed_derivation, seed_write_access, seed_deprecations,
)  # fmt: skip


@contextmanager
def seeded_bank(write_line: Callable[[str], None]) -> Iterator[Callable[[], None]]:
    """People, accounts, tables and products of the demo, and much of what its people have done. Yields what runs the
    workers' tasks once.
    """
    with worker_environment(write_line, lambda _stage: None, InProcessEnvironment) as stage:
        assert isinstance(stage, InProcessEnvironment)
        for seed in SEEDS:
            seed()
        yield lambda: stage.run_as_worker(run_due_tasks)


def run_due_tasks() -> None:
    """Those of the worker's database role."""
    run_once(task for task in TASKS if task not in SEALING)
