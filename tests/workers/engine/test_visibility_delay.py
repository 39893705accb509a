"""AWS's listings may show for a while what was before the last call: nothing is read, and so nothing proven, meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from fulfilment.intents.models import Wake
from fulfilment.rounds import Scope, Step
from kernel import clock
from tests.database import as_role
from tests.workers.mesh import Mesh

LATE = 300


@pytest.fixture
def late(mesh: Mesh, settings: Settings) -> Iterator[Mesh]:
    """Listings are late, and the engine is told for how long they may be."""
    settings.VISIBILITY_DELAY = LATE / 1000 + 0.1
    before = mesh.cloud.control("switches")["late_listing_milliseconds"]["value"]
    mesh.cloud.control("switches", {"late_listing_milliseconds": LATE})
    yield mesh
    mesh.cloud.control("switches", {"late_listing_milliseconds": before})


def test_what_was_granted_a_moment_ago_is_not_proven_absent(late: Mesh) -> None:
    grant = late.grant()
    while not Step.objects.filter(operation="BatchGrantPermissions", outcome=Step.Outcome.DONE).exists():
        late.run_rounds(1)
    late.revoke(grant)
    late.run_until_presence(grant, "absent")
    assert late.list_held_columns() == {}


def test_no_call_is_repeated_because_a_listing_is_late(late: Mesh) -> None:
    since = late.get_last_call()
    late.run_until_presence(late.grant(), "present")
    made = [name for name in late.list_writes(since) if name == "BatchGrantPermissions"]
    assert len(made) == 2  # on the table and its database; on the link


def test_a_wake_that_comes_too_early_is_not_lost(mesh: Mesh, settings: Settings) -> None:
    key = mesh.get_intent(mesh.grant()).scope_key
    while not Step.objects.filter(round__scope__key=key, outcome=Step.Outcome.DONE).exists():
        mesh.run_rounds(1)
    settings.VISIBILITY_DELAY, settings.SCAN_EVERY = 60.0, 3600.0
    with as_role("meshmarket_worker"):
        Wake.objects.create(scope_key=key, at=clock.now(), reason="a test")
    mesh.run_rounds(3)
    scope = Scope.objects.get(key=key)
    assert scope.scan_at is not None
    assert scope.scan_at - clock.now() < timedelta(seconds=70)
