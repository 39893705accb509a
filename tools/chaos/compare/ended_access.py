"""Looks again and again for what is said to be gone and is there, however many grants there were."""

from collections import Counter
from typing import Any

import psycopg

from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding, merged, whole
from tools.chaos.compare.approved import Agreed
from tools.chaos.compare.watcher import Watch
from tools.environment.worker_environment import CATALOGS, Stage


class Goings(Watch):
    """That something *is* there may be wrong for a while where somebody takes it away behind the portal: only what is
    gone is judged. Of grants that were proven gone what they gave is remembered, and they are read anew only where
    some of that is there and nobody else may hold it.
    """

    pause = 1.0

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self._last = 0
        self._session: psycopg.Connection[Any] | None = None
        self._open: dict[int, Agreed] = {}
        self._over: set[int] = set()
        self._gone: set[Holding] = set()
        self._holders: set[str] = set()

    def look(self) -> None:
        """One sample of everything, and if anything of it is suspicious another one, of which each grant is read."""
        before = self._learn()
        gone = frozenset(self._gone)
        held = observed.read_held(self.client, CATALOGS, self._holders)
        changing = [*before, *self._learn()]
        excused = merged(one for grant in changing for one in grant.holdings())
        self.statuses += len(self._over) + sum(one.is_proven for one in self._open.values())
        if any(one not in excused and whole(one) not in excused for one in gone & held.keys()):
            super().look()
        else:
            self._suspects = {}

    def stop(self) -> None:
        super().stop()
        self.close()

    def close(self) -> None:
        if self._session is not None:
            self._session.close()

    def contradicted(
        self, before: list[Agreed], held: Counter[Holding], after: list[Agreed]
    ) -> dict[int, int | None]:
        said_gone = {grant.intent for grant in after if grant.is_said_gone}
        found = super().contradicted(before, held, after)
        return {intent: proof for intent, proof in found.items() if intent in said_gone}

    def _learn(self) -> list[Agreed]:
        """Who may hold something just now. What was open at the last time and is so no more was proven gone since."""
        if self._session is None or self._session.closed:
            self._session = approved.session_at(self._stage.superuser_url)
        rows = approved.read_in(self._session, after=self._last)
        self._last = max([self._last, *(one.intent for one in rows)])
        self._holders |= {one.holder for one in rows}
        still = {one.intent: one for one in rows if not one.is_said_gone or one.is_live}
        over = [one for one in rows if one.intent not in still]
        over += [one for intent, one in self._open.items() if intent not in still]
        self._over |= {one.intent for one in over}
        self._gone |= {holding for one in over for holding in one.holdings()}
        self._open = still
        return list(still.values())
