"""A round that takes longer than its lease keeps the scope, as long as nobody else took it."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.conf import settings
from django.db.models import F
from pytest_django import Settings

from fulfilment.rounds import Scope
from kernel import clock
from tests.database import as_role
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh
from workers.aws.errors import read_with_retries
from workers.engine.claim import FencedError, Lease, extend_lease, lock_scope, short_transaction
from workers.engine.rounds import extend_lease_between_reads


@pytest.fixture
def lease(mesh: Mesh) -> Lease:
    mesh.grant()
    with as_role("meshmarket_worker"):
        found = claim_next_scope("one")
    assert found is not None
    return found


@pytest.fixture
def a_lease_passes_with_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = count()
    monkeypatch.setattr("workers.engine.rounds.monotonic", lambda: next(looks) * settings.LEASE)


def get_lease_end(lease: Lease) -> datetime:
    found = Scope.objects.get(pk=lease.scope.pk).lease_until
    assert found is not None
    return found


def spend_lease(lease: Lease, share: float) -> datetime:
    """Leave the other share of the lease; returns its end."""
    with as_role("meshmarket_worker"):
        Scope.objects.filter(pk=lease.scope.pk).update(
            lease_until=F("lease_until") - timedelta(seconds=settings.LEASE * share)
        )
    return get_lease_end(lease)


def expire_lease(lease: Lease) -> None:
    Scope.objects.filter(pk=lease.scope.pk).update(lease_until=clock.now() - timedelta(days=1))


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_what_a_round_reads_renews_its_lease(lease: Lease) -> None:
    before = spend_lease(lease, 0.6)
    with as_role("meshmarket_worker"), extend_lease_between_reads(lease):
        assert read_with_retries(lambda: "read") == "read"
    assert get_lease_end(lease) > before


@pytest.mark.parametrize(("spent", "is_renewed"), [(0.0, False), (0.6, True)])
def test_a_locked_scope_renews_its_lease_once_half_of_it_is_spent(
    lease: Lease, spent: float, *, is_renewed: bool, settings: Settings
) -> None:
    settings.LEASE, settings.CALL_DEADLINE = 20.0, 5.0
    with as_role("meshmarket_worker"), short_transaction():
        extend_lease(lease)
    before = spend_lease(lease, spent)
    with as_role("meshmarket_worker"), short_transaction():
        lock_scope(lease)
    assert (get_lease_end(lease) > before) == is_renewed


def test_a_lease_that_a_call_may_outlast_is_renewed(lease: Lease, settings: Settings) -> None:
    settings.LEASE, settings.CALL_DEADLINE = 20.0, 15.0
    with as_role("meshmarket_worker"), short_transaction():
        extend_lease(lease)
    before = spend_lease(lease, 0.25)
    with as_role("meshmarket_worker"), short_transaction():
        lock_scope(lease)
    assert get_lease_end(lease) > before


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_what_is_read_after_a_round_renews_nothing(lease: Lease) -> None:
    with as_role("meshmarket_worker"):
        with extend_lease_between_reads(lease):
            pass
        before = get_lease_end(lease)
        read_with_retries(lambda: "read")
    assert get_lease_end(lease) == before


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_a_round_whose_scope_another_has_stops_reading(lease: Lease) -> None:
    with as_role("meshmarket_worker"):
        expire_lease(lease)
        taken = [found.scope.pk for found in iter(lambda: claim_next_scope("two"), None)]
        assert lease.scope.pk in taken
        with extend_lease_between_reads(lease), pytest.raises(FencedError):
            read_with_retries(lambda: "read")


def test_a_long_transaction_ends_with_the_lease_renewed(lease: Lease) -> None:
    with as_role("meshmarket_worker"), short_transaction():
        lock_scope(lease)
        expire_lease(lease)
        extend_lease(lease)
    with as_role("meshmarket_worker"), short_transaction():
        lock_scope(lease)
