"""When a dump of the migrated database is read back, and when it is made anew."""

from pathlib import Path

import pytest

from demo.embedded.schema import compute_migrations_digest, run_postgres_program

DECIDING = (
    "app/migrations/0001_initial.py",
    "app/migrations/sql/guards.sql",
    "audit/table_creation.py",
    "demo/embedded/database_roles.py",
    "requirements/base.txt",
)


@pytest.mark.parametrize("changed", DECIDING)
def test_a_dump_is_of_these_migrations_roles_and_packages(tmp_path: Path, changed: str) -> None:
    for name in DECIDING:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it was")
    before = compute_migrations_digest(tmp_path)
    (tmp_path / "app/models.py").write_text("decides nothing")
    assert compute_migrations_digest(tmp_path) == before

    (tmp_path / changed).write_text("changed")

    assert compute_migrations_digest(tmp_path) != before


@pytest.mark.parametrize("program", ["pg_dump", "no_such_program"])
def test_a_program_that_fails_or_lacks_is_no_dump(program: str) -> None:
    assert not run_postgres_program(program, "postgresql://nobody@127.0.0.1:1/none")
