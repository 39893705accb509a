"""A column that comes later to a table granted whole: shut in AWS until it is classified or let in, and proven then."""

from audit.models import Event
from catalog.mirror.models import Column
from fulfilment.holds import Hold
from kernel import clock
from requests_app.grants.models import Grant
from requests_app.review.column_holds import release_classified_columns, release_column
from tests.database import as_role
from tests.workers.mesh import Mesh


def grant_table_before_new_column(mesh: Mesh) -> tuple[Grant, Hold]:
    """The mirror meets `region` only after the whole table was agreed to."""
    mesh.catalog.holds_new_columns = True
    mesh.catalog.save()
    late = mesh.table.columns.get(name="region")
    with as_role("meshmarket_owner"):
        mesh.table.columns.filter(pk=late.pk).delete()
    grant = mesh.grant([])
    mesh.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        Column.objects.create(table=mesh.table, name="region", type="string", position=late.position)
    mesh.run_until(grant, lambda intent: intent.holds.exists())
    return grant, Hold.objects.get(intent=grant.intent)


def count_events(verb: str, grant: Grant) -> int:
    return Event.objects.filter(verb=verb, subject=f"item:{grant.item_id}").count()


def test_it_stays_shut_and_is_told_once(mesh: Mesh) -> None:
    grant, hold = grant_table_before_new_column(mesh)
    mesh.run_rounds(10)
    assert (hold.column, hold.ended_at) == ("region", None)
    assert count_events("hold_column", grant) == 1
    assert "gender" in mesh.list_visible_columns()
    assert "region" not in mesh.list_visible_columns()
    assert mesh.get_intent(grant).presence == "present"


def test_who_may_agree_lets_it_in_and_aws_opens_it(mesh: Mesh) -> None:
    grant, hold = grant_table_before_new_column(mesh)
    release_column(
        acting_user=mesh.owner, hold_id=hold.pk, reason="It names countries alone.", now=clock.now()
    )
    mesh.run_until_presence(grant, "present")
    assert "region" in mesh.list_visible_columns()
    assert count_events("found_drift", grant) == 0


def test_its_class_lets_it_in(mesh: Mesh) -> None:
    grant, hold = grant_table_before_new_column(mesh)
    assert release_classified_columns(clock.now()) == 0
    with as_role("meshmarket_owner"):
        mesh.table.columns.filter(name="region").update(classification="public")
    assert release_classified_columns(clock.now()) == 1
    mesh.run_until_presence(grant, "present")
    hold.refresh_from_db()
    assert (hold.ended_as, "region" in mesh.list_visible_columns()) == (Hold.End.CLASSIFIED, True)


def test_one_of_a_grant_that_ends_is_idle(mesh: Mesh) -> None:
    grant, hold = grant_table_before_new_column(mesh)
    mesh.revoke(grant)
    mesh.run_until_presence(grant, "absent")
    mesh.run_rounds(10)
    hold.refresh_from_db()
    assert hold.ended_as == Hold.End.IDLE
    assert mesh.list_held_columns() == {}
