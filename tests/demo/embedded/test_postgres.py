"""The embedded PostgreSQL: ours alone, crash-safe, one role cannot be another."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.embedded.child_process import EmbeddedError, has_ended
from demo.embedded.database_roles import OWNER, ROLES, SEALER, WEB, WORKER
from demo.embedded.postgres import (
    Postgres,
    find_binaries,
    find_binaries_on_path,
    prepare_nobody,
    read_major_version,
)
from demo.embedded.state_folder import StateFolder


@pytest.fixture
def folder() -> Iterator[StateFolder]:
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        found = StateFolder(Path(temporary) / "state")
        found.acquire()
        yield found
        found.wipe()
        found.release()


@pytest.fixture
def postgres(folder: StateFolder) -> Iterator[Postgres]:
    server = Postgres(folder, durable=False)
    server.start()
    yield server
    server.stop()


def test_it_is_version_18_with_a_password_for_each_role(postgres: Postgres) -> None:
    for role in ROLES:
        with psycopg.connect(postgres.url(role)) as connection:
            assert connection.execute("SELECT current_user, session_user").fetchone() == (role, role)
            assert connection.info.server_version >= 180000


@pytest.mark.parametrize("role", [WEB, WORKER, SEALER])
def test_roles_cannot_become_each_other(postgres: Postgres, role: str) -> None:
    for other in {*ROLES, "meshmarket_superuser"} - {role}:
        with (
            psycopg.connect(postgres.url(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"SET ROLE {other}")
        wrong = postgres.url(role).replace(role, other)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(wrong)


def test_a_killed_server_comes_back_with_its_data(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(OWNER)) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres.url(OWNER)) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_stop_leaves_no_process_and_a_restart_needs_no_new_passwords(postgres: Postgres) -> None:
    before, pid = postgres.urls(), postgres.pid
    postgres.stop()
    assert pid is not None
    assert has_ended(pid)
    again = Postgres(postgres.folder, durable=False)
    again.start()
    again.stop()
    assert again.urls() == before


def test_a_second_start_on_the_folder_is_refused_in_one_line(folder: StateFolder) -> None:
    with pytest.raises(EmbeddedError) as refused:
        StateFolder(folder.path).acquire()
    assert str(refused.value) == (
        f"{folder.path} is in use by process {os.getpid()}: stop it with Ctrl-C, or give another folder with --state."
    )


def test_secrets_and_sockets_are_private(folder: StateFolder) -> None:
    folder.get_secret("any")
    assert (folder.path / "secrets" / "any").stat().st_mode & 0o777 == 0o600
    assert folder.sockets.stat().st_mode & 0o777 == 0o700
    deep = StateFolder(folder.path / ("long" * 30))
    assert len(str(deep.sockets)) <= 80
    deep.sockets.rmdir()


def test_the_newest_packaged_server_is_taken() -> None:
    assert read_major_version(find_binaries()) >= 17


def test_an_old_server_on_the_path_is_refused_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match="No PostgreSQL here: install PostgreSQL 17 or newer"):
        find_binaries_on_path()
    (tmp_path / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
    (tmp_path / "postgres").chmod(0o755)
    with pytest.raises(EmbeddedError, match="is PostgreSQL 15; Meshmarket needs 17 or newer"):
        find_binaries_on_path()


@pytest.mark.all
@pytest.mark.skipif(os.geteuid() != 0, reason="only root changes user")
def test_root_without_namespaces_runs_it_as_nobody(folder: StateFolder) -> None:
    import pwd

    server = Postgres(folder, durable=False)
    server._run_method = prepare_nobody(folder, find_binaries(), pwd.getpwnam("nobody"))
    server.start()
    assert server.pid is not None
    assert Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    server.stop()
    folder.wipe()
    assert not folder.nobody_folder.exists()
