"""What a fresh `migrate` costs: its statements, which no load of the machine changes."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker, Settings

from demo.embedded.database_roles import OWNER, create_database, drop_database
from demo.embedded.throwaway_services import SERVER_VARIABLE
from tests.conftest import NO_SERVICES

MAX_STATEMENTS = 475
"""381 were counted, beginnings and ends of transactions among them; most are of Django's own apps. A later migration needs
about five, or twenty with a table, and raises it by as many."""
ALIAS = "empty"


@pytest.fixture
def empty_database(django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """Its alias; sessions begin as the owner."""
    if SERVER_VARIABLE not in os.environ:
        pytest.fail(NO_SERVICES, pytrace=False)
    server, name = os.environ[SERVER_VARIABLE], f"meshmarket_empty_{os.getpid()}"
    create_database(server, name)
    settings: dict[str, Any] = connections["default"].settings_dict
    options = {**settings["OPTIONS"], "options": f"-c role={OWNER}"}
    connections.databases[ALIAS] = {**settings, "NAME": name, "OPTIONS": options}
    with django_db_blocker.unblock():
        yield ALIAS
        connections[ALIAS].close()
        del connections[ALIAS], connections.databases[ALIAS]
    drop_database(server, name)


OUR_APPS = ("audit", "identity", "catalog", "fulfilment", "requests")
SQUASHED = "0002_functions_and_triggers"


def list_our_migrations(connection: Any) -> list[tuple[str, str]]:
    """App and name, in the order in which they are applied."""
    loader = MigrationLoader(connection)
    plan = MigrationExecutor(connection).migration_plan(loader.graph.leaf_nodes())
    return [(migration.app_label, migration.name) for migration, _ in plan if migration.app_label in OUR_APPS]


def store_rows(connection: Any, applied: tuple[str, str]) -> None:
    """A person and a team by the models of that state."""
    models = MigrationExecutor(connection).loader.project_state([applied]).apps
    person = models.get_model("identity", "Person")
    person.objects.using(connection.alias).create(
        email="ana@harbour.example", name="Ana Keller", is_active=True
    )
    models.get_model("identity", "Team").objects.using(connection.alias).create(slug="bi", name="BI")


@pytest.mark.all
def test_migrate_goes_on_from_every_state_that_has_landed(empty_database: str, settings: Settings) -> None:
    """An interrupted first migration, and each earlier version with rows: the checks before `migrate` ask for nothing newer."""
    settings.SILENCED_SYSTEM_CHECKS = ["workers.E001"]  # the leases of tests are short
    connection = connections[empty_database]
    for app, name in list_our_migrations(connection):
        call_command("migrate", app, name, database=empty_database, verbosity=0, skip_checks=False)
        if (app, name) == ("identity", SQUASHED):
            store_rows(connection, (app, name))
    call_command("migrate", database=empty_database, verbosity=0, skip_checks=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM identity_person")
        assert cursor.fetchone() == (1,)


def test_a_fresh_migrate_needs_few_statements(empty_database: str) -> None:
    connection = connections[empty_database]
    with CaptureQueriesContext(connection) as statements:
        call_command("migrate", database=empty_database, verbosity=0, skip_checks=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event")
        assert cursor.fetchone() == (0,)
    assert len(statements) <= MAX_STATEMENTS
