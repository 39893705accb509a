"""What is handed to COPY as text comes out of PostgreSQL as it was."""

from typing import Any

import pytest
from django.db import connection

from catalog.mirror.models import Column, Table
from catalog.search.index.models import Document
from kernel import clock
from kernel.sql import copy_rows, format_row
from tests.catalog.sync_setup import build_table_answer, make_catalog, sync_tables
from tests.database import as_role

pytestmark = pytest.mark.django_db
AWKWARD = 'a\tb\nc\rd\\e\\N"f"{g,h}\\.'


def through_copy(type_: str, *values: Any) -> list[Any]:
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE said (at int, value {type_})")
        lines = [format_row((at, value)) + "\n" for at, value in enumerate(values)]
        copy_rows(cursor, "COPY said (at, value) FROM STDIN", lines)
        cursor.execute("SELECT value FROM said ORDER BY at")
        return [value for (value,) in cursor.fetchall()]


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("text", [AWKWARD, "", None, "NULL", r"\N", "Zürich \N{SNOWMAN}"]),
        ("text[]", [[AWKWARD, "", "NULL", " spaced "], [], ["one"]]),
        ("boolean", [True, False]),
        ("bigint", [0, -7, 2**62]),
    ],
)
def test_values_come_out_as_they_went_in(type_: str, values: list[Any]) -> None:
    assert through_copy(type_, *values) == values


def test_a_moment_keeps_its_microseconds_and_its_zone() -> None:
    now = clock.now()

    assert through_copy("timestamptz", now) == [now]


def test_a_new_table_of_awkward_text_is_stored_as_it_was_read() -> None:
    catalog = make_catalog()

    sync_tables(
        catalog,
        build_table_answer(
            "claims", "a\tb:str\\ing", Description=AWKWARD, Owner=r"\N", Parameters={AWKWARD: AWKWARD}
        ),
    )

    row = Table.objects.get()
    assert (row.description, row.owner, row.parameters) == (AWKWARD, r"\N", {AWKWARD: AWKWARD})
    assert Column.objects.values_list("name", "type").get() == ("a\tb", "str\\ing")
    assert Document.objects.filter(pk=row.pk, name="claims").exists()
