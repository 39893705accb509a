"""How often AWS is called is counted, and readings are timed: the page of the machine shows both."""

from datetime import timedelta

from demo.bank.accounts import GOVERNANCE
from fulfilment.health import CallCount, build_scope_states, count_calls_in_last_hour, read_wall_clock
from fulfilment.observations.models import ScopeReading
from fulfilment.rounds import Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws.calls import drain_counts, write_call_counts


def test_calls_are_counted_by_account_and_a_reading_tells_how_soon_a_change_is_found(mesh: Mesh) -> None:
    drain_counts()
    read = ScopeReading.objects.filter(scope__kind="catalog")
    mesh.run_until(mesh.grant(), lambda intent: intent.presence == "present" and read.exists())
    with as_role("meshmarket_worker"):
        write_call_counts(interval=0)
    listed = CallCount.objects.get(account_id=GOVERNANCE, operation="ListPermissions")
    assert listed.calls > 1
    now = read_wall_clock()
    (catalog,) = build_scope_states(list(Scope.objects.filter(kind="catalog")), now, now)
    assert catalog.facts
    assert catalog.facts.permission_count > 0
    assert catalog.meets_detection_target
    total = sum(CallCount.objects.filter(account_id=GOVERNANCE).values_list("calls", flat=True))
    hour_ends = {one.account_id: one.calls for one in count_calls_in_last_hour(now + timedelta(minutes=10))}
    assert hour_ends[GOVERNANCE] == total
