"""What a fresh `migrate` costs: its statements, which no load of the machine changes."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from demo.embedded.database_roles import OWNER, create_database, drop_database
from demo.embedded.throwaway_services import SERVER_VARIABLE
from tests.conftest import NO_SERVICES

MAX_STATEMENTS = 320
"""252 were counted, beginnings and ends of transactions among them; most are of Django's own apps. A later migration needs
about five, and raises it by as many."""
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


def test_a_fresh_migrate_needs_few_statements(empty_database: str) -> None:
    connection = connections[empty_database]
    with CaptureQueriesContext(connection) as statements:
        call_command("migrate", database=empty_database, verbosity=0, skip_checks=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_event")
        assert cursor.fetchone() == (0,)
    assert len(statements) <= MAX_STATEMENTS
