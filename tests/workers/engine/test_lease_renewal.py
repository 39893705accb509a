"""A round that takes longer than its lease keeps the scope, as long as nobody else took it."""

from datetime import datetime, timedelta
from itertools import count

import pytest
from django.conf import settings

from fulfilment.rounds.models import Scope
from kernel import clock
from tests.database import as_role
from tests.workers.engine_rounds import claim_next_scope
from tests.workers.mesh import Mesh
from workers.aws.errors import read_with_retries
from workers.engine.claim import FencedError, Lease, extend_lease, lock_scope, short_transaction
from workers.engine.lease_renewal import extend_lease_between_reads


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
    monkeypatch.setattr("workers.engine.lease_renewal.monotonic", lambda: next(looks) * settings.LEASE)


def get_lease_end(lease: Lease) -> datetime:
    found = Scope.objects.get(pk=lease.scope.pk).lease_until
    assert found is not None
    return found


def expire_lease(lease: Lease) -> None:
    Scope.objects.filter(pk=lease.scope.pk).update(lease_until=clock.now() - timedelta(days=1))


@pytest.mark.usefixtures("a_lease_passes_with_each_look")
def test_what_a_round_reads_renews_its_lease(lease: Lease) -> None:
    before = get_lease_end(lease)
    with as_role("meshmarket_worker"), extend_lease_between_reads(lease):
        assert read_with_retries(lambda: "read") == "read"
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
