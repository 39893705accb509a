"""Where `bench engine` measures: PostgreSQL, the pretend AWS as a process, one owner and many readers of its tables."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TypeVar

from django.core.management import call_command
from django.db import connection, connections
from django.test.utils import override_settings

from catalog.mirror.models import Database, Table
from catalog.products.models import Domain
from demo.bank.accounts import EXECUTOR_ROLE, OBSERVER_ROLE, WORKER_ROLE
from demo.embedded import roles
from demo.embedded.postgres import Postgres
from identity.accounts.models import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person, Team
from requests_app.targets.requested_item import RequestedItem
from tools.bench.harness.servers import Server, awsim, throwaway_postgres
from tools.environment.connections import aws_spoken_to, become, speak_at
from tools.environment.people import agree, ask
from workers.engine.due_scopes import converge
from workers.sync.runs import sync_catalogs

OWNER, REGION = "100000000000", "eu-central-1"
DATABASE, BUCKET = "shared", "bench-lake"
COLUMNS = ("id", "name", "amount", "region", "since", "note")
LASTS = timedelta(days=30)
SETTINGS = {"SCAN_EVERY": 3600.0, "CALLS_PER_SECOND": 100_000.0, "BURST": 100_000, "VISIBILITY_DELAY": 0.0}
READER = "reader"
Found = TypeVar("Found")


def consumer(number: int) -> str:
    return f"2{number:011d}"


def mesh(consumers: int, tables: int) -> str:
    """The seed as YAML, of which JSON is a part: all accounts in one organisation, every table at one location."""
    accounts = [OWNER, *map(consumer, range(consumers))]
    executor = {"name": EXECUTOR_ROLE, "allows": ["lakeformation:*", "glue:*", "ram:*", "iam:PassRole"]}
    observer = {"name": OBSERVER_ROLE, "allows": ["lakeformation:*", "glue:*", "ram:*", "iam:*"]}
    trust = {"trusts": [f"arn:aws:iam::{OWNER}:role/{WORKER_ROLE}"], "external_id": "bench"}
    made = [{"account": account, **role, **trust} for account in accounts for role in (observer, executor)]
    reads = [{"account": account, "name": READER, "trusts": [account]} for account in accounts[1:]]
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


class Place:
    """People speak in this thread, the worker in one of its own."""

    def __init__(self, postgres: Postgres, aws: Server) -> None:
        self._postgres, self.aws = postgres, aws
        self._worker = ThreadPoolExecutor(1, "worker", initializer=become, initargs=(roles.WORKER,))
        self.readers: list[Principal] = []
        self.tables: list[Table] = []

    def prepare(self, consumers: int) -> None:
        """Migrated, connected, mirrored."""
        become(roles.OWNER)
        call_command("migrate", verbosity=0, skip_checks=True)
        become(roles.WEB)
        self._people(consumers)
        self.worker(lambda: sync_catalogs(ConnectedCatalog.objects.all()))
        Database.objects.update(domain=Domain.objects.get())
        found = Principal.objects.filter(name=READER, gone_at=None).select_related("account__team")
        self.readers = list(found.order_by("arn"))
        self.tables = list(Table.objects.order_by("pk"))

    def _people(self, consumers: int) -> None:
        central = Team.objects.create(slug="central", name="Central")
        owner = Person.objects.create_user("owner@bench.example", "Olga Owner")
        Membership.objects.create(team=central, person=owner, role=Membership.Role.DATA_OWNER)
        Domain.objects.create(slug="shared", name="Shared", owner_team=central)
        account = self._account(OWNER, central, is_governance=True)
        ConnectedCatalog.objects.create(
            account=account, region=REGION, kind=ConnectedCatalog.Kind.GOVERNANCE, short_name="bench",
            location_role_arn=f"arn:aws:iam::{OWNER}:role/data-access",
        )  # fmt: skip
        for number in range(consumers):
            team = Team.objects.create(slug=f"team-{number}", name=f"Team {number}")
            person = Person.objects.create_user(f"reader-{number}@bench.example", f"Reader {number}")
            Membership.objects.create(team=team, person=person)
            self._account(consumer(number), team, is_consumer=True)

    def _account(self, number: str, team: Team, **flags: bool) -> Account:
        arn = f"arn:aws:iam::{number}:role"
        return Account.objects.create(
            account_id=number, name=f"Account {number}", region=REGION, team=team, external_id="bench",
            observer_role_arn=f"{arn}/{OBSERVER_ROLE}", executor_role_arn=f"{arn}/{EXECUTOR_ROLE}", **flags,
        )  # fmt: skip

    def agree(self, reader: Principal, table: Table, key: str) -> None:
        """A request for some of the columns, and the yes to it."""
        wanted = RequestedItem(table.pk, COLUMNS[:3], False, None)
        agree(ask(reader, wanted, lasts=LASTS, purpose="Measures the engine", key=key))

    def worker(self, work: Callable[[], Found]) -> Found:
        return self._worker.submit(work).result()

    def work_off(self) -> None:
        """Rounds until no scope is due."""
        self.worker(lambda: converge(most=1_000_000))

    def close(self) -> None:
        self._worker.submit(connections.close_all)
        self._worker.shutdown()
        connection.close()


@contextmanager
def place(consumers: int, tables: int) -> Iterator[Place]:
    """Everything ready for the first request."""
    with ExitStack() as stack:
        postgres = stack.enter_context(throwaway_postgres())
        aws = stack.enter_context(awsim(mesh(consumers, tables)))
        speak_at(postgres.superuser_url("meshmarket", role=roles.WEB))
        stack.enter_context(override_settings(**SETTINGS))
        keys = aws.control(f"credentials?account={OWNER}&role={WORKER_ROLE}")
        stack.enter_context(aws_spoken_to(aws.url, REGION, keys))
        made = Place(postgres, aws)
        stack.callback(made.close)
        made.prepare(consumers)
        yield made
