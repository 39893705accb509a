"""Looks at what the portal says and what AWS holds, again and again while a run goes on."""

import threading
import time
from collections import Counter
from typing import Any

import psycopg
from botocore.exceptions import BotoCoreError, ClientError

from demo.bank.accounts import EXECUTOR_ROLE
from tools.chaos.compare import approved, observed
from tools.chaos.compare.access_line import Holding
from tools.chaos.compare.approved import Agreed
from tools.environment.worker_environment import CATALOGS, Stage

PAUSE = 0.5
READS = ("Get", "List", "AssumeRole", "Describe", "Search", "BatchGet", "Head")


class Watch:
    """A thread of its own from `start` to `stop`; what it saw stands in its fields.

    A contradiction counts as wrong when the next look, which begins after it, finds the same intent contradicted on
    the same evidence: what was on its way at the first look has arrived by then.
    """

    pause = PAUSE

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._cloud = stage.cloud
        self._clients: dict[tuple[str, str], Any] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_again_and_again, daemon=True)
        self._last_call = 0
        self._suspects: dict[int, int | None] = {}
        self.statuses = 0
        self.wrong: set[int] = set()
        self.writes: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()
        self.count_calls()

    def client(self, account: str, region: str) -> Any:
        key = account, region
        if key not in self._clients:
            self._clients[key] = self._cloud.root("lakeformation", account, region)
        return self._clients[key]

    def look(self) -> None:
        """One sample of everything: the portal, AWS, the portal."""
        before = approved.read_agreed(self._stage.superuser_url)
        held = observed.read_held(self.client, CATALOGS, {grant.holder for grant in before})
        after = approved.read_agreed(self._stage.superuser_url)
        suspects = self.contradicted(before, held, after)
        found = {intent for intent, proof in suspects.items() if self._suspects.get(intent, -1) == proof}
        for grant in (one for one in after if one.intent in found - self.wrong):
            self._stage.say(f"wrong: {observed.told_otherwise(grant, held)}")
        self.wrong |= found
        self._suspects = suspects
        self.statuses += sum(grant.is_proven and grant.presence in {"present", "absent"} for grant in after)

    def contradicted(
        self, before: list[Agreed], held: Counter[Holding], after: list[Agreed]
    ) -> dict[int, int | None]:
        """Intents that are suspected of being told otherwise than they are, with their evidence."""
        return observed.contradicted(before, held, after)

    def count_calls(self) -> None:
        """Adds the executors' writing calls since the last count, by operation; with an error by its code, too."""
        for call in self._cloud.control(f"calls?since={self._last_call}"):
            self._last_call = call["number"]
            if EXECUTOR_ROLE in call["principal"] and not call["operation"].startswith(READS):
                self.writes[call["operation"]] += 1
                if call["error"]:
                    self.errors[call["error"]] += 1

    def _look_again_and_again(self) -> None:
        """Rests for as long as a look took, at least: who is looked at shares the processors with it."""
        rest = self.pause
        while not self._stop.wait(rest):
            began = time.monotonic()
            try:
                self.look()
                self.count_calls()
            except (ClientError, BotoCoreError, psycopg.Error, OSError) as error:
                # Of a database that is away psycopg says the same once for each address that it tried.
                self._stage.say(f"A look failed: {next(iter(str(error).splitlines()), type(error).__name__)}")
            rest = max(self.pause, time.monotonic() - began)
