"""How often AWS is called is counted, and readings are timed: the page of the machine shows both."""

from datetime import timedelta

from demo.bank.accounts import GOVERNANCE
from fulfilment.health.models import CallCount
from fulfilment.health.queries import bare_now, calls_in_last_hour, states_of
from fulfilment.observations.models import ScopeReading
from fulfilment.rounds.models import Scope
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.aws.call_counts import drain, write_calls


def test_calls_are_counted_by_account_and_a_reading_tells_how_soon_a_change_is_found(mesh: Mesh) -> None:
    drain()
    read = ScopeReading.objects.filter(scope__kind="catalog")
    mesh.work_for(mesh.grant(), lambda intent: intent.presence == "present" and read.exists())
    with as_role("meshmarket_worker"):
        write_calls(every=0)
    listed = CallCount.objects.get(account_id=GOVERNANCE, operation="ListPermissions")
    assert listed.calls > 1
    now = bare_now()
    (catalog,) = states_of(list(Scope.objects.filter(kind="catalog")), now, now)
    assert catalog.facts
    assert catalog.facts.permissions > 0
    assert catalog.keeps_promise
    total = sum(CallCount.objects.filter(account_id=GOVERNANCE).values_list("calls", flat=True))
    hour_ends = {one.account_id: one.calls for one in calls_in_last_hour(now + timedelta(minutes=10))}
    assert hour_ends[GOVERNANCE] == total
