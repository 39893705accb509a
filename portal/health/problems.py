"""Sentences about what needs attention, each with the section of the page that has the details."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from background.health import LoopState
from background.process_states import QueueState, TaskFailures
from fulfilment.holds import Valve
from kernel.durations import format_age
from portal.health.background import BackgroundHealth, ChainHealth
from portal.health.presenters import ScopeRow
from requests_app.display_states.vocabulary import Reason, State

BROKER_LOOP = "broker"
TROUBLED_STATES = frozenset({State.FAILED, State.NEEDS_ATTENTION, State.NOT_KNOWN})


@dataclass(frozen=True)
class Problem:
    """`section`: the id of the section on the page. `reason` is that of the scopes that it is about."""

    text: str
    section: str
    reason: Reason = Reason.NONE


def list_problems(
    health: BackgroundHealth, valves: Iterable[Valve], scopes: Iterable[ScopeRow]
) -> list[Problem]:
    """The most urgent first."""
    return [
        *_describe_chain(health.chain),
        *_describe_dispatch(health),
        *_describe_unattended_queues([queue.name for queue in health.queues if not queue.workers]),
        *(_describe_late_queue(queue) for queue in health.queues if queue.workers and queue.is_late),
        *(_describe_failing_task(task) for task in health.failing),
        *(_describe_loop(loop) for loop in health.degraded_loops),
        *(_describe_valve(valve) for valve in valves if valve.closed),
        *_describe_scopes(scopes),
    ]


def _describe_chain(chain: ChainHealth) -> Iterator[Problem]:
    if chain.is_broken:
        yield Problem(_("The audit chain is broken."), "chain")
    elif chain.is_late:
        yield Problem(_("The audit chain was not verified recently."), "chain")


def _describe_dispatch(health: BackgroundHealth) -> Iterator[Problem]:
    if health.dispatch.is_late:
        yield Problem(
            _("No process looks for work that is due. Start beat, a worker or the sweep."), "workers"
        )


def _describe_unattended_queues(names: Sequence[str]) -> Iterator[Problem]:
    if names:
        text = ngettext(
            "No worker takes messages from the queue %s.",
            "No worker takes messages from the queues %s.",
            len(names),
        )
        yield Problem(text % ", ".join(names), "queues")


def _describe_late_queue(queue: QueueState) -> Problem:
    values = {"queue": queue.name, "age": format_age(queue.age)}
    return Problem(_("A message in the queue %(queue)s has waited for %(age)s.") % values, "queues")


def _describe_failing_task(task: TaskFailures) -> Problem:
    text = ngettext("%(task)s fails.", "%(task)s fails on %(rows)d rows.", task.rows)
    return Problem(text % {"task": task.name, "rows": task.rows}, "failures")


def _describe_loop(loop: LoopState) -> Problem:
    if loop.row.part == BROKER_LOOP:
        text = _("The broker does not take messages.")
    elif loop.is_silent:
        text = _("No web process runs “%s”.") % loop.row.part
    else:
        text = _("“%s” fails.") % loop.row.part
    return Problem(text, "loops")


def _describe_valve(valve: Valve) -> Problem:
    if valve.account is None:
        return Problem(_("Writes to AWS are stopped."), "valves")
    return Problem(_("Writes to the account %s are stopped.") % valve.account, "valves")


def _describe_scopes(rows: Iterable[ScopeRow]) -> Iterator[Problem]:
    """What the rows of the readings say, counted by state and reason."""
    states = Counter(row.state for row in rows if row.state.state in TROUBLED_STATES)
    for state, count in states.items():
        if state.reason == Reason.ROUNDS_FAIL:
            text = ngettext(
                "Rounds of %d catalog or share fail.", "Rounds of %d catalogs or shares fail.", count
            )
            yield Problem(text % count, "scopes", state.reason)
        else:
            text = ngettext(
                "%(n)d catalog or share: %(state)s, %(reason)s.",
                "%(n)d catalogs or shares: %(state)s, %(reason)s.",
                count,
            )
            words = {"n": count, "state": state.label, "reason": state.reason_label}
            yield Problem(text % words, "scopes", state.reason)
