"""The writing calls of many registrations at once, beside the least possible number."""

import math
from typing import Any

from catalog.products.models import Domain
from catalog.registrations.actions import request_registration
from catalog.registrations.content import RegistrationContent
from catalog.registrations.effects import compute_effects_hash
from catalog.registrations.kind import REGISTRATION
from decisions.actions import approve_proposal
from demo.embedded import database_roles
from fulfilment.intents.models import Intent
from identity.accounts import Account, ConnectedCatalog, Principal
from identity.people.models import Membership, Person
from kernel import clock
from lakeformation.planning.changes import MAX_BATCH_ENTRIES
from tools.bench.engine.aws_calls import record_calls
from tools.bench.engine.environment import (
    BUCKET,
    COLUMNS,
    EngineEnvironment,
    consumer_account_id,
    engine_environment,
)
from tools.bench.report import BenchReport, at_most
from tools.environment.process_connections import set_session_role
from workers.aws import sessions

REGISTRATIONS, FEW_REGISTRATIONS = 200, 40
DATABASE, GOLD = "registered", f"s3://{BUCKET}/registered/"


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
        ConnectedCatalog.objects.get().pk, Domain.objects.get().pk, engineer.account_id, engineer.pk, DATABASE,
        f"r_{number}", f"{GOLD}r_{number}/", tuple({"name": one, "type": "string", "comment": ""} for one in COLUMNS),
        "Measures the engine",
    )  # fmt: skip
    row = request_registration(acting_user=developer, content=content, now=clock.now())
    approve_proposal(kind=REGISTRATION, acting_user=owner, pk=row.pk, effects_hash=compute_effects_hash(row), comment="", now=clock.now()
    )  # fmt: skip


def _count_least_writes(registrations: int) -> int:
    """The database and the tables; the engineers' verbs on them in full batches; the link, and the grant on it."""
    return 1 + registrations + math.ceil((registrations + 1) / MAX_BATCH_ENTRIES) + 2
