"""A round that takes longer than its lease keeps the scope, as long as nobody else took it."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.conf import settings

from audit import clock
from fulfilment.rounds.models import Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws.errors import read
from workers.engine.claim import FencedError, Lease, claim, hold, hold_on, short_transaction
from workers.engine.lease_renewal import lasting


@pytest.fixture
def lease(mesh: Mesh) -> Lease:
    mesh.grant()
    with as_role("meshmarket_worker"):
        found = claim("one")
    assert found is not None
    return found


@pytest.fixture
def a_lease_passes_with_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = count()
    monkeypatch.setattr("workers.engine.lease_renewal.monotonic", lambda: next(looks) * settings.LEASE)


def until(lease: Lease) -> datetime:
    found = Scope.objects.get(pk=lease.scope.pk).lease_until
    assert found is not None
    return found


def run_out(lease: Lease) -> None:
    Scope.objects.filter(pk=lease.scope.pk).update(lease_until=clock.now() - timedelta(days=1))


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_what_a_round_reads_renews_its_lease(lease: Lease) -> None:
    before = until(lease)
    with as_role("meshmarket_worker"), lasting(lease):
        assert read(lambda: "read") == "read"
    assert until(lease) > before


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_what_is_read_after_a_round_renews_nothing(lease: Lease) -> None:
    with as_role("meshmarket_worker"):
        with lasting(lease):
            pass
        before = until(lease)
        read(lambda: "read")
    assert until(lease) == before


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_a_round_whose_scope_another_has_stops_reading(lease: Lease) -> None:
    with as_role("meshmarket_worker"):
        run_out(lease)
        taken = [found.scope.pk for found in iter(lambda: claim("two"), None)]
        assert lease.scope.pk in taken
        with lasting(lease), pytest.raises(FencedError):
            read(lambda: "read")


def test_a_long_transaction_ends_with_the_lease_renewed(lease: Lease) -> None:
    with as_role("meshmarket_worker"), short_transaction():
        hold(lease)
        run_out(lease)
        hold_on(lease)
    with as_role("meshmarket_worker"), short_transaction():
        hold(lease)
