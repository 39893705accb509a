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

from background.task_table import TaskName
from demo.bank.accounts import REGION, SEED
from demo.embedded import database_roles
from demo.embedded.waits import NotSeenError
from demo.supervisor import programs
from fulfilment.rounds import Scope
from kernel import clock
from mocklake.testing.in_process import InProcess
from tools.environment.aws_switches import get_listing_delay
from tools.environment.process_connections import set_session_role, set_thread_role, use_in_process_aws
from tools.environment.worker_environment import WorkerEnvironment
from workers.dispatch.loop import list_due
from workers.engine.claim import Lease, claim_scope
from workers.engine.rounds import run_scope_round
from workers.gc_tuning import reduced_collection
from workers.housekeeping import expire_due_grant

ENGINE_SETTINGS = {
    "CALL_DEADLINE": 5.0,
    "LEASE": 20.0,
    "SETTLE": 0.5,
    "SCAN_EVERY": 3600.0,
    "CALLS_PER_SECOND": 1000.0,
    "BURST": 1000,
}
EXTRA_DELAY, MIN_WAIT = 0.05, 0.005
MAX_ROUNDS_PER_SCOPE = 200
"""As a mean of all scopes, until none is due; of a scope whose calls are refused, a handful."""
READ_NEXT_DUE = """
SELECT extract(epoch FROM min(CASE WHEN lease_until > clock_timestamp() THEN lease_until ELSE not_before END)
                        - clock_timestamp())
  FROM fulfilment_scope
 WHERE lease_until > clock_timestamp()
    OR (not_before > clock_timestamp()
        AND (not_before < clock_timestamp() + interval '1 second' OR scan_at <= clock_timestamp()))
"""
Result = TypeVar("Result")


class InProcessCloud:
    """What `Cloud` is for a server, for the mocklake in this process."""

    def __init__(self, aws: InProcess) -> None:
        self._aws = aws

    def root(self, service: str, account: str, region: str = REGION) -> Any:
        made = self._aws.client(service, account, region=region)
        made.meta.events.register("before-parse.lakeformation.ListPermissions", skip_parsing)
        return made

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        return self._aws.control(path, body, method=method)


def skip_parsing(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    """What is listed thousands of times, as the JSON that it is: botocore takes longer to shape it than mocklake to tell."""
    if response_dict["status_code"] < HTTPStatus.BAD_REQUEST:
        customized_response_dict.update(json.loads(response_dict["body"]))
        response_dict["body"] = b"{}"


class InProcessEnvironment(WorkerEnvironment):
    """Its only child process is PostgreSQL; `run_as_worker` does something in a worker's own thread.

    AWS's rates are lifted: a second holds the calls of an hour.
    """

    def start(self) -> None:
        self.resources = ExitStack()
        self.worker_threads: dict[str, ThreadPoolExecutor] = {}
        super().start()
        self.resources.enter_context(reduced_collection())

    def start_aws(self) -> None:
        self.write_line("Making the pretend AWS")
        self.aws = InProcess(SEED, strict=False)
        self.aws.control("manners", {"rates": dict.fromkeys(self.aws.control("manners")["rates"])})
        self.resources.enter_context(use_in_process_aws(self.aws))
        late = get_listing_delay(self.switches)
        delay = late + EXTRA_DELAY if late else 0.0
        self.resources.enter_context(override_settings(**ENGINE_SETTINGS, VISIBILITY_DELAY=delay))

    @property
    def web_url(self) -> str:
        """A session that can become every other role."""
        return self._postgres.superuser_url(self.database, role=database_roles.WEB)

    @cached_property
    def cloud(self) -> Any:
        return InProcessCloud(self.aws)

    def build_environment(self, process: str) -> dict[str, str]:
        """For the commands that fill the database; none of them asks AWS."""
        named = {} if process == "all" else {"MESHMARKET_PROCESS": process}
        return {**programs.build_environment(self.folder), **self.service_urls, **named}

    def _sync(self, *arguments: str) -> None:
        """As a worker of this process, which speaks to the AWS that is in it."""
        self.run_as_worker(lambda: call_command("sync", *arguments, stdout=StringIO()))

    def run_as_worker(self, work: Callable[[], Result], name: str = "one") -> Result:
        """Does `work` as a worker, in the worker's own thread."""
        if name not in self.worker_threads:
            self.worker_threads[name] = ThreadPoolExecutor(
                1, name, initializer=set_thread_role, initargs=(database_roles.WORKER,)
            )
        return self.worker_threads[name].submit(work).result()

    def run_due_rounds(self, after_each: Callable[[], None]) -> int:
        """Ends what has run out, then runs rounds until none is due; returns how many. NotSeenError when a scope is due
        again and again.
        """
        self.run_as_worker(expire_due_grants)
        count = 0
        while True:
            if self.run_as_worker(run_round):
                after_each()
                count += 1
                self._check_round_count(count)
            elif (wait := self.run_as_worker(compute_next_wait)) is not None:
                time.sleep(max(wait, MIN_WAIT))
            else:
                return count

    def _check_round_count(self, count: int) -> None:
        if count % MAX_ROUNDS_PER_SCOPE:
            return
        if count > MAX_ROUNDS_PER_SCOPE * self.run_as_worker(Scope.objects.count):
            raise NotSeenError(f"Rounds are due again and again: no end was seen in {count}.")

    def advance(self, seconds: int) -> None:
        """Moves the portal's and AWS's time ahead."""
        ahead = self.cloud.control("clock")["offset_seconds"] + seconds
        self.cloud.control("clock", {"offset_seconds": ahead})
        with self.as_database_owner():
            clock.advance(timedelta(seconds=seconds))

    @contextmanager
    def as_database_owner(self) -> Iterator[None]:
        """In this thread, for what only the database's owner may."""
        set_session_role(database_roles.OWNER)
        try:
            yield
        finally:
            set_session_role(database_roles.WEB)

    def stop(self) -> None:
        for engine in self.worker_threads.values():
            engine.submit(connections.close_all)
            engine.shutdown()
        self.resources.close()
        super().stop()


def run_round() -> bool:
    """One round of one scope that is due; False when none is.

    A session that PostgreSQL ended, for a transaction that took too long, is begun anew.
    """
    try:
        lease = _claim_due_scope()
        if lease is not None:
            run_scope_round(lease)
    except DatabaseError:
        connection.close()
        return True
    return lease is not None


def _claim_due_scope() -> Lease | None:
    claimed = (claim_scope("inside", scope_id) for scope_id in list_due(TaskName.CONVERGE_SCOPE))
    return next(filter(None, claimed), None)


def expire_due_grants() -> None:
    for grant_id in list_due(TaskName.EXPIRE_DUE):
        expire_due_grant(grant_id)


def compute_next_wait() -> float | None:
    """Seconds until a scope is looked at again that waits for less than one, or whose round PostgreSQL broke off, however
    long it backs off for that; or until such a round's lease ends. None when there is none of these.
    """
    with connection.cursor() as cursor:
        cursor.execute(READ_NEXT_DUE)
        found = cursor.fetchone()
    return float(found[0]) if found and found[0] is not None else None
