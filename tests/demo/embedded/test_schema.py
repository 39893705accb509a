"""How a state folder's database gets its schema."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded import schema
from demo.embedded.child_process import EmbeddedError
from demo.embedded.database_roles import create_database, drop_database
from demo.embedded.postgres import Postgres
from demo.embedded.schema import Schema, is_empty
from demo.embedded.state_folder import StateFolder
from demo.embedded.throwaway_services import SERVER_VARIABLE, build_url

NAMES = [f"meshmarket_schema_{os.getpid()}_{number}" for number in (1, 2)]


class PostgresOfTests(Postgres):
    """The tests' server, as if it were the folder's own."""

    def __init__(self, folder: Path, database: str) -> None:
        super().__init__(StateFolder(folder))
        self.folder.path.mkdir()
        self.database = database

    def superuser_url(self, database: str = "", role: str | None = None) -> str:
        return build_url(os.environ[SERVER_VARIABLE], self.database, role)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.superuser_url()) as connection:
            connection.execute(statement.encode())


@pytest.fixture
def servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PostgresOfTests]]:
    """Two state folders, each with an empty database; no dump yet."""
    monkeypatch.setattr(schema, "DUMP_FOLDER", tmp_path / "dumps")
    for name in NAMES:
        create_database(os.environ[SERVER_VARIABLE], name)
    yield [PostgresOfTests(tmp_path / name, name) for name in NAMES]
    for name in NAMES:
        drop_database(os.environ[SERVER_VARIABLE], name)


def make_table(postgres: PostgresOfTests) -> Callable[[], None]:
    """A `migrate`: once only, as there is one such table."""
    return lambda: postgres.execute("CREATE TABLE made (id int)")


def refuse() -> None:
    raise EmbeddedError("this database is not migrated")


def test_only_the_first_new_database_is_migrated(servers: list[PostgresOfTests]) -> None:
    first, second = servers
    Schema(first, make_table(first)).bring_up_to_date()
    Schema(second, refuse).bring_up_to_date()
    assert not is_empty(second.superuser_url())


def test_a_database_of_these_migrations_is_left_alone(servers: list[PostgresOfTests]) -> None:
    postgres = servers[0]
    Schema(postgres, make_table(postgres)).bring_up_to_date()
    Schema(postgres, refuse).bring_up_to_date()


def test_a_database_of_other_migrations_is_migrated_and_makes_no_dump(servers: list[PostgresOfTests]) -> None:
    first, second = servers
    first.execute("CREATE TABLE older (id int)")
    schema = Schema(first, make_table(first))
    schema.stamp.write_text("a digest of before")
    schema.bring_up_to_date()
    Schema(first, refuse).bring_up_to_date()
    with pytest.raises(EmbeddedError):
        Schema(second, refuse).bring_up_to_date()


def test_a_migrate_that_failed_is_tried_again(servers: list[PostgresOfTests]) -> None:
    postgres = servers[0]
    with pytest.raises(EmbeddedError):
        Schema(postgres, refuse).bring_up_to_date()
    Schema(postgres, make_table(postgres)).bring_up_to_date()
    assert not is_empty(postgres.superuser_url())
