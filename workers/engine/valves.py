"""Valves on removals: a round that would remove too many permissions at once holds its removals back."""

from collections.abc import Sequence

from django.db.models import Q

from fulfilment.holds.models import Valve
from fulfilment.rounds.models import Scope
from lakeformation.observation.reading import Observation
from lakeformation.planning.changes import Plan, PlannedChange
from lakeformation.planning.desired import DesiredState
from workers.engine.claim import list_scope_accounts

REMOVING_ACTIONS = frozenset({"revoke", "opt out", "unlink", "unland"})


def hold_back_removals(scope: Scope, todo: Plan, goal: DesiredState, seen: Observation) -> Plan:
    """The plan without its removals where they are more than the valves of the scope's accounts let through.

    Whoever set the valve lets them go by opening it; until then their intents wait and say why.
    """
    gone = [change for step in todo.steps for change in step.changes if change.action == "revoke"]
    if not gone:
        return todo
    if reason := _find_stop_reason(scope, gone, _count_held(goal, seen)):
        todo.steps = [step for step in todo.steps if step.changes[0].action not in REMOVING_ACTIONS]
        todo.waiting_reasons |= dict.fromkeys((pk for change in gone for pk in change.intents), reason)
        todo.hold_reason = reason
    return todo


def _count_held(goal: DesiredState, seen: Observation) -> int:
    """How many permissions our intents, live and ended, hold in the scope."""
    return len((goal.wanted.permissions.keys() | goal.former.permissions.keys()) & seen.held.keys())


def _find_stop_reason(scope: Scope, gone: Sequence[PlannedChange], held: int) -> str:
    concerned = Q(account__isnull=True) | Q(account__in=[one.pk for one in list_scope_accounts(scope)])
    share = 100 * len(gone) / max(held, 1)
    for valve in Valve.objects.filter(concerned, most_removed__isnull=False):
        assert valve.most_removed is not None
        if len(gone) > valve.always_removed and share > valve.most_removed:
            words = f"{len(gone)} of {held} permissions would be removed at once, more than {valve.most_removed} %"
            return f"stopped by a write control: {words} ({valve.reason})"
    return ""
