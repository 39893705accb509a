"""Repeatedly compares the portal's states with AWS during a run, and watches for access that should have ended."""

import random
import threading
import time
from collections import Counter
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from demo.bank.accounts import EXECUTOR_ROLE
from demo.embedded.waits import NotSeenError
from tools.chaos.compare import approved_access, observed_access
from tools.chaos.compare.approved_access import AccessLine, ApprovedAccess, merge_lines, to_whole_table
from tools.environment.worker_environment import CATALOGS, WorkerEnvironment

POLL_SECONDS = 0.5
ORACLE_SAMPLE = 5
"""Grants that are shown as usable, of which the oracle is asked at each look, beside those that it denied before."""
ROUNDS_AFTER_A_LOSS = 3
"""Where somebody takes shares apart: by so many rounds' evidence a denied grant must be shown as usable. The first may have
read AWS before the loss, the second have begun before it.
"""
LOOK_ERRORS = (ClientError, BotoCoreError, psycopg.Error, OSError)
READ_PREFIXES = ("Get", "List", "AssumeRole", "Describe", "Search", "BatchGet", "Head")


class AccessWatcher:
    """A thread of its own from `start` to `stop`; what it saw stands in its fields.

    A contradiction counts as wrong when the next look, which begins after it, finds the same intent contradicted on
    the same evidence: what was on its way at the first look has arrived by then.
    """

    poll_seconds = POLL_SECONDS

    def __init__(self, stage: WorkerEnvironment) -> None:
        self._stage = stage
        self._cloud = stage.cloud
        self._clients: dict[tuple[str, str], Any] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._check_repeatedly, daemon=True)
        self._last_call = 0
        self._suspects: dict[int, int | None] = {}
        self._denials: dict[int, list[int | None]] = {}
        self._lot = random.Random("oracle")
        self._has_looked = False
        self.loses_shares = False
        self.status_count = 0
        self.wrong_intents: set[int] = set()
        self.denied_intents: set[int] = set()
        self.writes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """NotSeenError where no look succeeded, nor does one now: then nothing was watched."""
        self._stop.set()
        self._thread.join()
        if not self._has_looked:
            self._look_once()
        self.count_calls()

    def _look_once(self) -> None:
        try:
            self.check()
        except LOOK_ERRORS as error:
            raise NotSeenError(f"No look compared the portal with AWS: {_describe_error(error)}") from error

    def get_client(self, account: str, region: str) -> Any:
        key = account, region
        if key not in self._clients:
            self._clients[key] = self._cloud.root("lakeformation", account, region)
        return self._clients[key]

    def check(self) -> None:
        """One sample of everything: the portal, AWS, the portal."""
        before = approved_access.read_approved(self._stage.superuser_url)
        held = observed_access.read_lines(self.get_client, CATALOGS, {grant.holder for grant in before})
        denied = self._find_denied(before)
        after = approved_access.read_approved(self._stage.superuser_url)
        suspects = self.find_contradictions(before, held, after)
        found = {intent for intent, proof in suspects.items() if self._suspects.get(intent, -1) == proof}
        for grant in (one for one in after if one.intent in found - self.wrong_intents):
            self._stage.write_line(f"wrong: {observed_access.describe_contradiction(grant, held)}")
        self.wrong_intents |= found
        self._suspects = suspects
        self._judge_denied(denied, after)
        self.status_count += sum(
            grant.is_proven and grant.presence in {"present", "absent"} for grant in after
        )

    def _find_denied(self, shown: list[ApprovedAccess]) -> list[ApprovedAccess]:
        usable = approved_access.list_shown_usable(shown)
        sample = {grant.intent for grant in self._lot.sample(usable, min(ORACLE_SAMPLE, len(usable)))}
        asked = sample | self._denials.keys()
        return [one for one in usable if one.intent in asked and approved_access.is_denied(self._stage, one)]

    def _judge_denied(self, denied: list[ApprovedAccess], after: list[ApprovedAccess]) -> None:
        """Only of those that were shown alike before and after the oracle was asked."""
        unchanged = {grant.intent: grant for grant in after}
        still = [one for one in denied if unchanged.get(one.intent) == one]
        self._denials = {one.intent: [*self._denials.get(one.intent, []), one.evidence] for one in still}
        for intent, evidence in self._denials.items():
            seen = len(set(evidence)) if self.loses_shares else len(evidence) - len(set(evidence)) + 1
            if (
                seen >= (ROUNDS_AFTER_A_LOSS if self.loses_shares else 2)
                and intent not in self.denied_intents
            ):
                self._stage.write_line(f"denied: intent {intent} is shown as usable by rounds {evidence}")
                self.denied_intents.add(intent)

    def find_contradictions(
        self, before: list[ApprovedAccess], held: Counter[AccessLine], after: list[ApprovedAccess]
    ) -> dict[int, int | None]:
        """Intents that are suspected of being told otherwise than they are, with their evidence."""
        return observed_access.find_contradictions(before, held, after)

    def count_calls(self) -> None:
        """Adds the executors' writing calls since the last count, by operation; with an error by its code, too."""
        for call in self._cloud.control(f"calls?since={self._last_call}"):
            self._last_call = call["number"]
            if EXECUTOR_ROLE in call["principal"] and not call["operation"].startswith(READ_PREFIXES):
                self.writes[call["operation"]] += 1
                if call["error"]:
                    self.errors[call["error"]] += 1

    def _check_repeatedly(self) -> None:
        """Rests for as long as a look took, at least: who is looked at shares the processors with it."""
        rest = self.poll_seconds
        while not self._stop.wait(rest):
            began = time.monotonic()
            try:
                self.check()
                self._has_looked = True
                self.count_calls()
            except LOOK_ERRORS as error:
                self._stage.write_line(f"A look failed: {_describe_error(error)}")
            rest = max(self.poll_seconds, time.monotonic() - began)


def _describe_error(error: Exception) -> str:
    """Psycopg says the same once for each address that it tried of a database that is away: the first line is enough."""
    return next(iter(str(error).splitlines()), type(error).__name__)


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
        excused = merge_lines(line for grant in changing for line in grant.list_lines())
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
        contradictions = super().find_contradictions(before, held, after)
        return {intent: proof for intent, proof in contradictions.items() if intent in said_gone}

    def _read_open_approvals(self) -> list[ApprovedAccess]:
        """Who may hold something just now. What was open at the last time and is so no more was proven gone since."""
        if self._session is None or self._session.closed:
            self._session = approved_access.open_session(self._stage.superuser_url)
        rows = approved_access.read_approvals_in(self._session, after=self._last)
        self._last = max([self._last, *(row.intent for row in rows)])
        self._holders |= {row.holder for row in rows}
        still = {row.intent: row for row in rows if not row.is_proven_absent or row.is_live}
        over = [row for row in rows if row.intent not in still]
        over += [one for intent, one in self._open.items() if intent not in still]
        self._over |= {one.intent for one in over}
        self._gone |= {holding for one in over for holding in one.list_lines()}
        self._open = still
        return list(still.values())
