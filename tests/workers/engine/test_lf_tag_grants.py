"""A grant by LF-Tags, in AWS as it was agreed to: two halves, links, proof; mended, united with others, taken away."""

from datetime import timedelta

import pytest

from audit import clock
from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.ledger.models import Finding
from lakeformation.drift.differences import Kind
from requests_app.review.timeline import build_item_timeline
from tests.database import as_role
from tests.workers.mesh import COLUMNS, Mesh
from tests.workers.tags import carry, grant_by_tags, held_by_tags

HALVES = {"DATABASE": ["DESCRIBE"], "TABLE": ["DESCRIBE", "SELECT"]}


@pytest.fixture
def tagged(mesh: Mesh) -> Mesh:
    """The table carries an LF-Tag of its own, in AWS and in the mirror."""
    carry(mesh)
    return mesh


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_it_reads_what_carries_the_tags_and_no_more_after_the_end(tagged: Mesh, account: str) -> None:
    grant = grant_by_tags(tagged, account)
    intent = tagged.work_until(grant, "present")
    assert (held_by_tags(tagged, account), intent.usable) == (HALVES, True)
    assert set(COLUMNS) < set(tagged.visible(account))
    tagged.revoke(grant)
    tagged.work_until(grant, "absent")
    assert (held_by_tags(tagged, account), tagged.held(account), tagged.visible(account)) == ({}, {}, [])


def test_in_the_owners_own_account_it_needs_neither_share_nor_link(tagged: Mesh) -> None:
    tagged.open_at_home()
    grant = grant_by_tags(tagged, GOVERNANCE)
    tagged.work_until(grant, "present")
    assert set(COLUMNS) < set(tagged.visible(GOVERNANCE))


def test_columns_with_other_tags_stay_closed(tagged: Mesh) -> None:
    carry(tagged, "none", ["gender"])
    tagged.work_until(grant_by_tags(tagged), "present")
    assert "gender" not in tagged.visible()
    assert {"policy_id", "region"} < set(tagged.visible())


def test_ending_one_takes_nothing_that_a_name_or_other_tags_justify(tagged: Mesh) -> None:
    wide, narrow = grant_by_tags(tagged, values=("gold", "silver")), grant_by_tags(tagged)
    named = tagged.grant(("policy_id",))
    for grant in (wide, narrow, named):
        tagged.work_until(grant, "present")
    tagged.revoke(wide)
    tagged.work_until(wide, "absent")
    assert (held_by_tags(tagged), "gender" in tagged.visible()) == (HALVES, True)
    tagged.revoke(narrow)
    tagged.work_until(narrow, "absent")
    assert (held_by_tags(tagged), tagged.visible()) == ({}, ["policy_id", "snapshot_date"])


def test_what_is_taken_away_is_told_and_granted_again(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged)
    tagged.work_until(grant, "present")
    policy = {"ResourceType": "TABLE", "Expression": [{"TagKey": tagged.database, "TagValues": ["gold"]}]}
    tagged.governance().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": tagged.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT"],
    )
    tagged.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.MISSING).exists())
    tagged.work_until(grant, "present")
    assert held_by_tags(tagged) == HALVES


def test_it_ends_by_its_time(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged, lasts=timedelta(hours=20))
    tagged.work_until(grant, "present")
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=21))
    tagged.work_until(grant, "absent")
    assert held_by_tags(tagged) == {}


def test_what_is_tagged_otherwise_later_is_told_and_over_when_it_is_tagged_as_it_was(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged)
    tagged.work_until(grant, "present")
    carry(tagged, "none", ["gender"])
    tagged.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.NARROWED).exists())
    told = Finding.objects.get(kind=Kind.NARROWED)
    assert told.text.startswith(
        f"{tagged.roles[BI].name} can no longer read gender of {tagged.table} through"
    )
    carry(tagged, "gold", ["gender"])
    tagged.work_for(
        grant, lambda _: Finding.objects.filter(kind=Kind.NARROWED, gone_at__isnull=False).exists()
    )
    assert tagged.work_until(grant, "present").usable is True


def test_what_is_tagged_later_is_told_to_the_owner_and_over_when_it_is_tagged_otherwise(tagged: Mesh) -> None:
    carry(tagged, "none", ["gender"])
    grant = grant_by_tags(tagged)
    tagged.work_until(grant, "present")
    assert not Finding.objects.filter(kind=Kind.WIDENED).exists()
    carry(tagged, "gold", ["gender"])
    tagged.work_for(grant, lambda _: Finding.objects.filter(kind=Kind.WIDENED).exists())
    told = Finding.objects.get(kind=Kind.WIDENED)
    assert told.text.startswith(f"{tagged.roles[BI].name} can read gender of {tagged.table} through")
    assert (told.database, told.intents) == (tagged.database, [grant.intent_id])
    tagged.work(6)
    assert Event.objects.filter(verb="found_widening", subject=f"item:{grant.item_id}").count() == 1
    assert "Covers more than was approved" in [moment.text for moment in build_item_timeline(grant.item)]
    carry(tagged, "none", ["gender"])
    tagged.work_for(
        grant, lambda _: Finding.objects.filter(kind=Kind.WIDENED, gone_at__isnull=False).exists()
    )
    assert tagged.work_until(grant, "present").usable is True
