"""What is checked between the plan and the call."""

import pytest

from fulfilment.holds import Valve
from fulfilment.intents.models import Intent
from fulfilment.rounds import Step
from tests.database import as_role
from tests.workers.mesh import Mesh
from workers.engine.intents import is_filter_wanted


def test_a_closed_valve_stops_writing_and_an_open_one_lets_it_go_on(mesh: Mesh) -> None:
    with as_role("meshmarket_owner"):
        valve = Valve.objects.create(reason="migration weekend")
    grant = mesh.grant()
    since = mesh.get_last_call()
    mesh.run_until(grant, lambda _: Step.objects.filter(error__contains="migration weekend").exists())
    assert mesh.list_writes(since) == []
    with as_role("meshmarket_owner"):
        Valve.objects.filter(pk=valve.pk).update(closed=False)
    mesh.run_until_presence(grant, "present")


def nothing_refused(*_asked: object) -> frozenset[int]:
    """As if a decision justified it: each send looks for itself."""
    return frozenset()


def test_an_add_beyond_the_approved_effects_is_never_sent(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engine.share_round.refuse_unjustified", nothing_refused)
    monkeypatch.setattr("workers.engine.catalog_round.refuse_unjustified", nothing_refused)
    grant = mesh.grant()
    with as_role("meshmarket_owner"):
        intent = Intent.objects.get(pk=grant.intent_id)
        intent.wanted["columns"] = {"include": ["policy_id", "expected_remaining_years"]}
        intent.save()
    mesh.run_until(grant, lambda _: Step.objects.filter(error__contains="not approved").exists())
    mesh.run_rounds(4)
    assert "SELECT" not in mesh.list_held_columns()


def test_a_filter_beyond_the_approved_effects_is_never_made(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.engine.share_round.refuse_unjustified", nothing_refused)
    monkeypatch.setattr("workers.engine.catalog_round.refuse_unjustified", nothing_refused)
    grant = mesh.grant(("policy_id",), rows="region = 'Ost'")
    with as_role("meshmarket_owner"):
        intent = Intent.objects.get(pk=grant.intent_id)
        intent.wanted["row_filter"] = "region IS NOT NULL"
        intent.save()
    mesh.run_until(grant, lambda _: Step.objects.filter(error__contains="not approved as planned").exists())
    mesh.run_rounds(4)
    assert (mesh.list_filters(), mesh.list_visible_columns()) == ({}, [])


def test_a_filter_is_wanted_as_long_as_a_live_intent_says_so(mesh: Mesh) -> None:
    first, second = (mesh.grant(("policy_id",), account, rows="region = 'Ost'") for account in mesh.roles)
    cells = mesh.get_intent(first).access.cells_filter
    assert cells is not None
    mesh.revoke(first)
    assert is_filter_wanted(cells)
    mesh.revoke(second)
    assert not is_filter_wanted(cells)
