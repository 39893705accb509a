"""The engine and the pretend AWS within this process, on a real PostgreSQL: for runs of very many rounds.

People and workers have a thread, and so a session, of their own each; it begins as the superuser and becomes the
database role that the part has in production.
"""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from io import StringIO
from typing import Any, TypeVar

from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.test.utils import override_settings

from audit import clock
from awsim.testing.in_process import InProcess
from demo.bank.accounts import REGION, SEED
from demo.embedded import roles
from demo.supervisor import parts
from tools.environment.aws_switches import lateness
from tools.environment.connections import answered_here, become, stay
from tools.environment.worker_environment import Stage
from workers.engine.claim import claim
from workers.engine.rounds import run
from workers.gc_tuning import sought_seldom
from workers.housekeeping.grant_expiry import expire_due

TIMES = {
    "CALL_DEADLINE": 5.0,
    "LEASE": 20.0,
    "SETTLE": 0.5,
    "SCAN_EVERY": 3600.0,
    "CALLS_PER_SECOND": 1000.0,
    "BURST": 1000,
}
SPARE, SHORTEST = 0.05, 0.005
WAIT = """
SELECT extract(epoch FROM min(CASE WHEN lease_until > clock_timestamp() THEN lease_until ELSE not_before END)
                        - clock_timestamp())
  FROM fulfilment_scope
 WHERE lease_until > clock_timestamp()
    OR (not_before > clock_timestamp()
        AND (not_before < clock_timestamp() + interval '1 second' OR scan_at <= clock_timestamp()))
"""
Found = TypeVar("Found")


class HereCloud:
    """What `Cloud` is for a server, for the awsim in this process."""

    def __init__(self, aws: InProcess) -> None:
        self._aws = aws

    def root(self, service: str, account: str, region: str = REGION) -> Any:
        made = self._aws.client(service, account, region=region)
        made.meta.events.register("before-parse.lakeformation.ListPermissions", as_it_is)
        return made

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        return self._aws.control(path, body, method=method)


def as_it_is(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """What is listed thousands of times, as the JSON that it is: botocore takes longer to shape it than awsim to tell."""
    if response_dict["status_code"] < HTTPStatus.BAD_REQUEST:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


class Inside(Stage):
    """A stage without child processes but PostgreSQL; `engine` and `people` do something in their thread."""

    def start(self) -> None:
        self.hold = ExitStack()
        self.engines: dict[str, ThreadPoolExecutor] = {}
        super().start()
        self.hold.enter_context(sought_seldom())

    def start_aws(self) -> None:
        self.say("Making the pretend AWS")
        self.aws = InProcess(SEED, strict=False)
        self.hold.enter_context(answered_here(self.aws))
        late = lateness(self.switches)
        delay = late + SPARE if late else 0.0
        self.hold.enter_context(override_settings(**TIMES, VISIBILITY_DELAY=delay))

    @property
    def web_url(self) -> str:
        """A session that can become every other role."""
        return self._postgres.superuser_url(self.database, role=roles.WEB)

    @cached_property
    def cloud(self) -> Any:
        return HereCloud(self.aws)

    def environment(self, process: str) -> dict[str, str]:
        """For the commands that fill the database; none of them asks AWS."""
        named = {} if process == "all" else {"MESHMARKET_PROCESS": process}
        return {**parts.base_environment(self.folder), **self.addresses, **named}

    def _sync(self, *arguments: str) -> None:
        """As a worker of this process, which speaks to the AWS that is in it."""
        self.engine(lambda: call_command("sync", *arguments, stdout=StringIO()))

    def engine(self, work: Callable[[], Found], name: str = "one") -> Found:
        """Does `work` as a worker, in the worker's own thread."""
        if name not in self.engines:
            self.engines[name] = ThreadPoolExecutor(1, name, initializer=stay, initargs=(roles.WORKER,))
        return self.engines[name].submit(work).result()

    def work_off(self, after_each: Callable[[], None]) -> int:
        """Ends what has run out, then runs rounds until none is due; returns how many."""
        self.engine(expire_due)
        count = 0
        while True:
            if self.engine(one_round):
                after_each()
                count += 1
            elif (wait := self.engine(until_next_scope)) is not None:
                time.sleep(max(wait, SHORTEST))
            else:
                return count

    def advance(self, seconds: int) -> None:
        """Moves the portal's and AWS's time ahead."""
        ahead = self.cloud.control("clock")["offset_seconds"] + seconds
        self.cloud.control("clock", {"offset_seconds": ahead})
        with self.owner():
            clock.advance(timedelta(seconds=seconds))

    @contextmanager
    def owner(self) -> Iterator[None]:
        """In this thread, for what only the database's owner may."""
        become(roles.OWNER)
        try:
            yield
        finally:
            become(roles.WEB)

    def stop(self) -> None:
        for engine in self.engines.values():
            engine.submit(connections.close_all)
            engine.shutdown()
        self.hold.close()
        super().stop()


def one_round() -> bool:
    """One round of one scope that is due; False when none is.

    A session that PostgreSQL ended, for a transaction that took too long, is begun anew.
    """
    try:
        lease = claim("inside")
        if lease is not None:
            run(lease)
    except DatabaseError:
        connection.close()
        return True
    return lease is not None


def until_next_scope() -> float | None:
    """Seconds until a scope is looked at again that waits for less than one, or whose round PostgreSQL broke off, however
    long it backs off for that; or until such a round's lease ends. None when there is none of these.
    """
    with connection.cursor() as cursor:
        cursor.execute(WAIT)
        found = cursor.fetchone()
    return float(found[0]) if found and found[0] is not None else None
