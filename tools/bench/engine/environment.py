"""Where `bench engine` measures: PostgreSQL, the pretend AWS as a process, one owner and many readers of its tables."""

import json
import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from django.db import connection, connections
from django.test.utils import override_settings

from background.task_table import TaskName
from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from decisions.actions import approve_proposal
from demo.bank.accounts import EXECUTOR_ROLE, OBSERVER_ROLE, WORKER_ROLE
from demo.embedded import database_roles
from demo.embedded.postgres import Postgres
from fulfilment.intents.models import Intent
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from kernel import clock
from lakeformation.planning.changes import MAX_BATCH_ENTRIES
from requests_app.targets.requested_item import RequestedItem
from tools.bench.engine.aws_calls import record_calls
from tools.bench.harness.servers import Server, migrated_postgres, run_mocklake
from tools.bench.report import BenchReport, at_most
from tools.environment.people import approve, request_table
from tools.environment.process_connections import set_session_role, set_thread_role, use_aws, use_database
from workers.aws import sessions
from workers.dispatch.loop import list_due
from workers.engine.rounds import converge_scope
from workers.sync.runs import sync_catalogs

OWNER, REGION = "100000000000", "eu-central-1"
DATABASE, BUCKET = "shared", "bench-lake"
COLUMNS = ("id", "name", "amount", "region", "since", "note")
GRANT_DURATION = timedelta(days=30)
SETTINGS = {"SCAN_EVERY": 3600.0, "CALLS_PER_SECOND": 100_000.0, "BURST": 100_000, "VISIBILITY_DELAY": 0.0}
READER_ROLE = "reader"
Result = TypeVar("Result")
REGISTRATIONS, FEW_REGISTRATIONS = 200, 40
REGISTRATIONS_DATABASE, GOLD = "registered", f"s3://{BUCKET}/registered/"


def consumer_account_id(number: int) -> str:
    return f"2{number:011d}"


def build_mesh_yaml(consumers: int, tables: int) -> str:
    """The seed as YAML, of which JSON is a part: all accounts in one organisation, every table at one location."""
    accounts = [OWNER, *map(consumer_account_id, range(consumers))]
    executor = {"name": EXECUTOR_ROLE, "allows": ["lakeformation:*", "glue:*", "ram:*", "iam:PassRole"]}
    observer = {"name": OBSERVER_ROLE, "allows": ["lakeformation:*", "glue:*", "ram:*", "iam:*"]}
    trust = {"trusts": [f"arn:aws:iam::{OWNER}:role/{WORKER_ROLE}"], "external_id": "bench"}
    made = [{"account": account, **role, **trust} for account in accounts for role in (observer, executor)]
    reads = [{"account": account, "name": READER_ROLE, "trusts": [account]} for account in accounts[1:]]
    worker = {"account": OWNER, "name": WORKER_ROLE, "trusts": [OWNER], "allows": ["sts:AssumeRole"]}
    columns = [{"name": name} for name in COLUMNS]
    table = {
        "name": "t_{number}",
        "times": tables,
        "location": f"s3://{BUCKET}/t_{{number}}/",
        "columns": columns,
    }
    location = {"arn": f"arn:aws:s3:::{BUCKET}", "role": "data-access"}
    return "# a bench's mesh\n" + json.dumps(
        {
            "organisation": accounts,
            "accounts": [
                {"id": account, "name": account, "administrators": [EXECUTOR_ROLE], "read_only_administrators": [OBSERVER_ROLE]}
                for account in accounts
            ],
            "roles": [
                *made, *reads, worker | {"long_lived": True},
                {"account": OWNER, "name": "data-access", "trusts": ["lakeformation.amazonaws.com"]},
            ],
            "buckets": [{"account": OWNER, "name": BUCKET, "region": REGION}],
            "catalogs": [
                {
                    "account": OWNER, "region": REGION, "locations": [location],
                    "databases": [{"name": DATABASE, "tables": [table]}],
                }
            ],
        }
    )  # fmt: skip


class EngineEnvironment:
    """People speak in this thread, the worker in one of its own."""

    def __init__(self, postgres: Postgres, aws: Server) -> None:
        self.postgres, self.aws = postgres, aws
        self._worker = ThreadPoolExecutor(
            1, "worker", initializer=set_thread_role, initargs=(database_roles.WORKER,)
        )
        self.readers: list[Principal] = []
        self.tables: list[Table] = []

    def prepare(self, consumers: int) -> None:
        """Connected, mirrored."""
        set_session_role(database_roles.OWNER)
        self._create_people(consumers)
        set_session_role(database_roles.WEB)
        self.run_as_worker(lambda: sync_catalogs(ConnectedCatalog.objects.all()))
        Database.objects.update(domain=Domain.objects.get())
        principals = Principal.objects.filter(name=READER_ROLE, gone_at=None).select_related("account__team")
        self.readers = list(principals.order_by("arn"))
        self.tables = list(Table.objects.order_by("pk"))

    def _create_people(self, consumers: int) -> None:
        central = Team.objects.create(slug="central", name="Central")
        owner = Person.objects.create_user("owner@bench.example", "Olga Owner")
        Membership.objects.create(team=central, person=owner, role=Membership.Role.DATA_OWNER)
        Domain.objects.create(slug="shared", name="Shared", owner_team=central)
        account = self._create_account(OWNER, central, is_governance=True)
        ConnectedCatalog.objects.create(
            account=account, region=REGION, kind=ConnectedCatalog.Kind.GOVERNANCE, short_name="bench",
            location_role_arn=f"arn:aws:iam::{OWNER}:role/data-access",
        )  # fmt: skip
        for number in range(consumers):
            team = Team.objects.create(slug=f"team-{number}", name=f"Team {number}")
            person = Person.objects.create_user(f"reader-{number}@bench.example", f"Reader {number}")
            Membership.objects.create(team=team, person=person)
            self._create_account(consumer_account_id(number), team, is_consumer=True)

    def _create_account(self, number: str, team: Team, **flags: bool) -> Account:
        arn = f"arn:aws:iam::{number}:role"
        return Account.objects.create(
            account_id=number, name=f"Account {number}", region=REGION, team=team, external_id="bench",
            observer_role_arn=f"{arn}/{OBSERVER_ROLE}", executor_role_arn=f"{arn}/{EXECUTOR_ROLE}", **flags,
        )  # fmt: skip

    def request_and_approve(self, reader: Principal, table: Table, key: str) -> None:
        """A request for some of the columns, and the yes to it."""
        wanted = RequestedItem(table.pk, COLUMNS[:3], False, None)
        approve(
            request_table(reader, wanted, duration=GRANT_DURATION, purpose="Measures the engine", key=key)
        )

    def run_as_worker(self, work: Callable[[], Result]) -> Result:
        return self._worker.submit(work).result()

    def run_due_rounds(self) -> None:
        """Rounds until no scope is due."""
        self.run_as_worker(run_due_rounds)

    def close_connections(self) -> None:
        """Nobody of this process speaks to the database until the next query."""
        self.run_as_worker(connections.close_all)
        connections.close_all()

    def close(self) -> None:
        self._worker.submit(connections.close_all)
        self._worker.shutdown()
        connection.close()


def run_due_rounds() -> None:
    while due := list_due(TaskName.CONVERGE_SCOPE):
        for scope_id in due:
            converge_scope(scope_id)


@contextmanager
def engine_environment(consumers: int, tables: int) -> Iterator[EngineEnvironment]:
    """Everything ready for the first request."""
    with ExitStack() as stack:
        postgres = stack.enter_context(migrated_postgres())
        aws = stack.enter_context(run_mocklake(build_mesh_yaml(consumers, tables)))
        use_database(postgres.superuser_url("meshmarket", role=database_roles.WEB))
        stack.enter_context(override_settings(**SETTINGS))
        keys = aws.control(f"credentials?account={OWNER}&role={WORKER_ROLE}")
        stack.enter_context(use_aws(aws.url, REGION, keys))
        made = EngineEnvironment(postgres, aws)
        stack.callback(made.close)
        made.prepare(consumers)
        yield made


def measure_registrations(board: BenchReport, _options: dict[str, Any]) -> None:
    """Approved all at once, of one producer, in one new database below a registered location."""
    registrations = FEW_REGISTRATIONS if board.quick else REGISTRATIONS
    with engine_environment(1, 1) as found:
        engineer = _make_producer(found)
        for number in range(registrations):
            _register(engineer, number)
        with record_calls() as record:
            sessions.clear_sessions()
            found.run_due_rounds()
        proven = Intent.objects.filter(presence=Intent.Presence.PRESENT).count()
    assert proven == 2 * registrations, f"{proven} of {2 * registrations} are proven"
    least = board.add_figure(
        f"least possible writing calls for {registrations} registrations",
        _count_least_writes(registrations),
        "calls",
    )
    board.add_figure(
        "writing calls of the engine for registrations",
        len(record.writes),
        "calls",
        baseline=least,
        must=at_most(1.15),
    )


def _make_producer(found: EngineEnvironment) -> Principal:
    """The first account produces for the domain; its reader is the engineers' role."""
    domain, engineer = Domain.objects.get(), found.readers[0]
    Account.objects.filter(account_id=consumer_account_id(0)).update(
        team=domain.owner_team, is_producer=True, gold_location=GOLD
    )
    developer = Person.objects.create_user("developer@bench.example", "Dora Developer")
    set_session_role(database_roles.OWNER)
    Membership.objects.create(team=domain.owner_team, person=developer, role=Membership.Role.DEVELOPER)
    set_session_role(database_roles.WEB)
    return engineer


def _register(engineer: Principal, number: int) -> None:
    people = Person.objects.filter(memberships__team=Domain.objects.get().owner_team)
    developer, owner = (
        people.get(memberships__role=role) for role in (Membership.Role.DEVELOPER, Membership.Role.DATA_OWNER)
    )
    content = RegistrationContent(
        ConnectedCatalog.objects.get().pk, Domain.objects.get().pk, engineer.account_id, engineer.pk, REGISTRATIONS_DATABASE,
        f"r_{number}", f"{GOLD}r_{number}/", tuple({"name": one, "type": "string", "comment": ""} for one in COLUMNS),
        "Measures the engine",
    )  # fmt: skip
    row = request_registration(acting_user=developer, content=content, now=clock.now())
    approve_proposal(kind=REGISTRATION, acting_user=owner, pk=row.pk, effects_hash=compute_effects_hash(row), comment="", now=clock.now()
    )  # fmt: skip


def _count_least_writes(registrations: int) -> int:
    """The database and the tables; the engineers' verbs on them in full batches; the link, and the grant on it."""
    return 1 + registrations + math.ceil((registrations + 1) / MAX_BATCH_ENTRIES) + 2
