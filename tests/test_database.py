"""What the test database promises to the other tests."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, transaction

from demo.embedded.database_roles import WEB, WORKER
from tests.database import TestDatabase, as_role


def current_user() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_test_runs_as_web_and_can_speak_as_another_role() -> None:
    assert current_user() == WEB
    with as_role(WORKER):
        assert current_user() == WORKER
    assert current_user() == WEB


@pytest.mark.django_db
def test_the_role_comes_back_after_a_database_error() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), as_role(WORKER), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert current_user() == WEB


@pytest.mark.django_db
def test_web_cannot_make_tables() -> None:
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.sneaky (id int)")


def test_committed_rows_are_real_and_renewed(committed: TestDatabase) -> None:
    with as_role("meshmarket_owner"):
        before = ContentType.objects.count()
        ContentType.objects.create(app_label="kept", model="row")
    committed.reset()
    with as_role("meshmarket_owner"):
        assert ContentType.objects.count() == before > 0
