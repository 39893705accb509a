"""Which databases `migrate` takes on."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.database_rights import list_replaced_migrations
from tests.database import as_role

pytestmark = pytest.mark.django_db


def record_migration(app: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, now())", [app, name]
        )


@pytest.mark.parametrize("options", [{}, {"plan": True}])
def test_a_database_of_replaced_migrations_is_refused_before_anything_is_changed(
    options: dict[str, bool],
) -> None:
    with as_role("meshmarket_owner"):
        record_migration("audit", "0001_initial")
        with CaptureQueriesContext(connection) as statements, pytest.raises(CommandError) as refused:
            call_command("migrate", **options, skip_checks=True)
    assert str(refused.value) == (
        "This database was made by migrations that this version does not have (audit.0001_initial), and was not changed. "
        "Migrate an empty database instead; manage.py demo and manage.py local make one with --fresh."
    )
    assert [one["sql"] for one in statements if "SELECT" not in one["sql"]] == []


def test_only_what_stands_in_the_place_of_ours_is_replaced() -> None:
    replaced = [("catalog", "0002_another"), ("requests", "0001_initial")]
    others = [
        ("catalog", "9999_of_a_later_version"),
        ("no_app_of_ours", "0001_initial"),
        ("auth", "0001_squashed"),
    ]
    with as_role("meshmarket_owner"):
        assert list_replaced_migrations(connection) == []
        for app, name in (*others, *replaced):
            record_migration(app, name)
        assert list_replaced_migrations(connection) == replaced
