"""A sync in which too much would vanish waits for a person; what was renamed leads to its new name."""

from typing import Any

import pytest

from audit.models import Event
from catalog.mirror.models import Table
from catalog.sync.models import SyncRun, SyncSettings
from catalog.sync.runs import drop_sync, resume_sync
from identity.accounts import ConnectedCatalog
from identity.people.models import Person
from kernel import clock
from kernel.errors import NotFoundError
from mocklake.testing.server import Cloud
from tests.database import as_operator, as_role
from tests.workers.sync.conftest import DATABASE, make_table, sync_successfully
from workers.sync.runs import run_requested_sync, sync_catalog

pytestmark = pytest.mark.django_db

MANY = [f"many_{number}" for number in range(12)]


@pytest.fixture
def many(catalog: ConnectedCatalog, glue: Any) -> ConnectedCatalog:
    """Twelve tables more were read, and are dropped: more than the tenth of a catalog that may vanish."""
    for name in MANY:
        make_table(glue, name)
    sync_successfully(catalog)
    with as_operator():
        SyncSettings.objects.create(catalog=catalog, pause_percent=10)
    for name in MANY:
        glue.delete_table(DatabaseName=DATABASE, Name=name)
    return catalog


def get_steward() -> Person:
    return Person.objects.get(email="greta.sommer@harbour.example")


def count_live() -> int:
    return Table.objects.filter(name__in=MANY, tombstoned_at=None).count()


def test_a_sync_that_would_tombstone_too_much_waits_and_changes_nothing(many: ConnectedCatalog) -> None:
    run = sync_catalog(many)

    assert (run.outcome, run.held, run.tombstoned) == (SyncRun.Outcome.PAUSED, 12, 0)
    assert count_live() == 12


def test_a_person_lets_it_go_on(many: ConnectedCatalog) -> None:
    paused = sync_catalog(many)
    with as_role("meshmarket_web"):
        resume_sync(acting_user=get_steward(), run_id=paused.pk, now=clock.now())

    going = SyncRun.objects.get(catalog=many, started_at=None)

    run = run_requested_sync(going.pk)

    assert run is not None
    paused.refresh_from_db()
    assert (run.outcome, run.tombstoned, count_live()) == (SyncRun.Outcome.DONE, 12, 0)
    assert (paused.outcome, paused.error) == (SyncRun.Outcome.DROPPED, "Greta Sommer continued the run.")


def test_a_person_drops_it(many: ConnectedCatalog) -> None:
    paused = sync_catalog(many)
    with as_role("meshmarket_web"):
        drop_sync(acting_user=get_steward(), run_id=paused.pk, now=clock.now())

    paused.refresh_from_db()
    assert (paused.outcome, count_live()) == (SyncRun.Outcome.DROPPED, 12)
    assert not SyncRun.objects.filter(catalog=many, outcome=SyncRun.Outcome.RUNNING).exists()


@pytest.mark.parametrize("verb", [resume_sync, drop_sync])
def test_nobody_else_decides_and_no_run_is_decided_twice(many: ConnectedCatalog, verb: Any) -> None:
    paused = sync_catalog(many)
    with as_role("meshmarket_web"):
        events = Event.objects.count()
        ana = Person.objects.get(email="ana.keller@harbour.example")
        with pytest.raises(NotFoundError):
            verb(acting_user=ana, run_id=paused.pk, now=clock.now())
        assert Event.objects.count() == events
        verb(acting_user=get_steward(), run_id=paused.pk, now=clock.now())
        with pytest.raises(NotFoundError):
            verb(acting_user=get_steward(), run_id=paused.pk, now=clock.now())


def test_a_catalog_in_which_too_much_was_made_anew_waits_too(many: ConnectedCatalog, glue: Any) -> None:
    for name in MANY:
        make_table(glue, name, "anew")
    Table.objects.filter(name__in=MANY).update(glue_created_at="2020-01-01T00:00:00+00:00")

    run = sync_catalog(many)

    assert (run.outcome, run.held, run.tombstoned, count_live()) == (SyncRun.Outcome.PAUSED, 2, 10, 12)
    for name in MANY:
        glue.delete_table(DatabaseName=DATABASE, Name=name)


def test_the_next_reading_takes_the_place_of_a_paused_one(many: ConnectedCatalog) -> None:
    paused = sync_catalog(many)
    with as_operator():
        SyncSettings.objects.update(pause_percent=100)

    later = sync_catalog(many)

    paused.refresh_from_db()
    assert (paused.outcome, later.outcome) == (SyncRun.Outcome.DROPPED, SyncRun.Outcome.DONE)
    assert (later.tombstoned, count_live()) == (12, 0)


def test_a_renamed_table_leads_to_its_new_name(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "old_name", location="s3://bank/renamed/")
    sync_successfully(catalog)
    make_table(glue, "new_name", location="s3://bank/renamed/")
    glue.delete_table(DatabaseName=DATABASE, Name="old_name")

    sync_successfully(catalog)

    old, new = Table.objects.get(name="old_name"), Table.objects.get(name="new_name")
    assert old.succeeded_by == new
    glue.delete_table(DatabaseName=DATABASE, Name="new_name")
    sync_successfully(catalog)


def test_a_dropped_table_at_a_place_of_its_own_leads_nowhere(catalog: ConnectedCatalog, glue: Any) -> None:
    make_table(glue, "here", location="s3://bank/here/")
    make_table(glue, "there", location="s3://bank/there/")
    sync_successfully(catalog)
    glue.delete_table(DatabaseName=DATABASE, Name="here")

    sync_successfully(catalog)

    assert Table.objects.get(name="here").succeeded_by is None


def test_a_run_for_one_database_leaves_the_others_alone(
    catalog: ConnectedCatalog, glue: Any, cloud: Cloud
) -> None:
    sync_successfully(catalog)
    before = Table.objects.exclude(database__name=DATABASE).count()
    make_table(glue, "of_one")
    Table.objects.exclude(database__name=DATABASE).update(digest="unread")

    run = sync_catalog(SyncRun.objects.create(catalog=catalog, database=DATABASE, requested_at=clock.now()))

    assert (run.outcome, run.databases, run.made) == (SyncRun.Outcome.DONE, 1, 1)
    assert Table.objects.filter(digest="unread").count() == before
