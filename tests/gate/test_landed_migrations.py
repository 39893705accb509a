"""What has landed stays: databases were made by it."""

from pathlib import Path

import pytest

from tests.gate.landed_migrations import compute_digests, list_changed, list_new, read_list

ADVICE = (
    "Databases were made by these files, so they stay as they are: write a migration after them, and its SQL in a file with "
    "its number (CONTRIBUTING.md, Migrations)."
)
ADD = "Add it: .venv/bin/python -m tests.gate.landed_migrations"


def test_landed_migrations_and_their_sql_are_neither_changed_nor_deleted() -> None:
    assert list_changed(read_list(), compute_digests()) == [], ADVICE


def test_every_migration_is_on_the_list() -> None:
    assert list_new(read_list(), compute_digests()) == [], ADD


@pytest.mark.parametrize("path", ["app/migrations/0001_tables.py", "app/migrations/sql/guards.sql"])
def test_a_change_and_a_deletion_are_found(tmp_path: Path, path: str) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text("as it landed")
    landed = compute_digests(tmp_path)

    file.write_text("changed")
    assert list_changed(landed, compute_digests(tmp_path)) == [path]
    file.unlink()
    assert list_changed(landed, compute_digests(tmp_path)) == [path]
    assert list_new({}, landed) == [path]
