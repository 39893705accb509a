"""Governance admins and stewards ask for a sync by a row; others learn nothing."""

import pytest

from audit.models import Event
from catalog.sync.models import SyncRun
from catalog.sync.runs import request_sync
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, PlatformRole
from kernel import clock
from kernel.errors import NotFoundError
from tests import factories
from tests.database import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> ConnectedCatalog:
    return factories.make_catalog(factories.make_account(factories.make_team("Governance")))


def ask(person: Person, catalog_id: int) -> SyncRun:
    return request_sync(acting_user=person, catalog_id=catalog_id, now=clock.now())


def test_an_admin_asks_once_however_often_they_press(catalog: ConnectedCatalog) -> None:
    admin = factories.make_admin()

    run = ask(admin, catalog.pk)

    assert (run.started_at, run.requested_by) == (None, admin)
    assert ask(admin, catalog.pk) == run
    assert [event.verb for event in Event.objects.all()] == ["request_sync"]


def test_a_steward_may_ask(catalog: ConnectedCatalog) -> None:
    steward = factories.make_person("Ruth Steiner")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=steward, role=PlatformRole.Role.STEWARD)

    assert ask(steward, catalog.pk).pk


def test_absent_and_forbidden_look_alike_and_change_nothing(catalog: ConnectedCatalog) -> None:
    auditor = factories.make_person("Viktor Lang")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    refused = [
        (factories.make_person("Ana Keller"), catalog.pk),
        (auditor, catalog.pk),
        (factories.make_admin(), 0),
    ]

    for person, catalog_id in refused:
        with pytest.raises(NotFoundError):
            ask(person, catalog_id)

    assert not SyncRun.objects.exists()
    assert not Event.objects.exists()
