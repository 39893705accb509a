"""Watches for access that is proven absent and still present in AWS."""

from collections import Counter
from typing import Any

import psycopg

from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.access_line import AccessLine, merge_lines, to_whole_table
from tools.chaos.compare.approved_access import ApprovedAccess
from tools.chaos.compare.watcher import AccessWatcher
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment


class EndedAccessWatcher(AccessWatcher):
    """That something *is* there may be wrong for a while where somebody takes it away behind the portal: only what is
    gone is judged. Of grants that were proven gone what they gave is remembered, and they are read anew only where
    some of that is there and nobody else may hold it.
    """

    poll_seconds = 1.0

    def __init__(self, stage: WorkerEnvironment) -> None:
        super().__init__(stage)
        self._last = 0
        self._session: psycopg.Connection[Any] | None = None
        self._open: dict[int, ApprovedAccess] = {}
        self._over: set[int] = set()
        self._gone: set[AccessLine] = set()
        self._holders: set[str] = set()

    def check(self) -> None:
        """One sample of everything, and if anything of it is suspicious another one, of which each grant is read."""
        before = self._read_open_approvals()
        gone = frozenset(self._gone)
        held = observed_access.read_lines(self.get_client, CATALOGS, self._holders)
        changing = [*before, *self._read_open_approvals()]
        excused = merge_lines(one for grant in changing for one in grant.list_lines())
        self.status_count += len(self._over) + sum(one.is_proven for one in self._open.values())
        if any(one not in excused and to_whole_table(one) not in excused for one in gone & held.keys()):
            super().check()
        else:
            self._suspects = {}

    def stop(self) -> None:
        super().stop()
        self.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def find_contradictions(
        self, before: list[ApprovedAccess], held: Counter[AccessLine], after: list[ApprovedAccess]
    ) -> dict[int, int | None]:
        said_gone = {grant.intent for grant in after if grant.is_proven_absent}
        found = super().find_contradictions(before, held, after)
        return {intent: proof for intent, proof in found.items() if intent in said_gone}

    def _read_open_approvals(self) -> list[ApprovedAccess]:
        """Who may hold something just now. What was open at the last time and is so no more was proven gone since."""
        if self._session is None or self._session.closed:
            self._session = approved_access.open_session(self._stage.superuser_url)
        rows = approved_access.read_approvals_in(self._session, after=self._last)
        self._last = max([self._last, *(one.intent for one in rows)])
        self._holders |= {one.holder for one in rows}
        still = {one.intent: one for one in rows if not one.is_proven_absent or one.is_live}
        over = [one for one in rows if one.intent not in still]
        over += [one for intent, one in self._open.items() if intent not in still]
        self._over |= {one.intent for one in over}
        self._gone |= {holding for one in over for holding in one.list_lines()}
        self._open = still
        return list(still.values())
