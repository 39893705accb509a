"""A grant by LF-Tags, in AWS as it was agreed to: two halves, links, proof; mended, united with others, taken away."""

from datetime import timedelta

import pytest

from audit.models import Event
from demo.bank.accounts import BI, GOVERNANCE, PARTNER
from fulfilment.permissions.models import DriftFinding
from kernel import clock
from lakeformation.drift import DifferenceKind
from requests_app.review.timeline import build_item_timeline
from tests.database import as_role
from tests.workers.lf_tag_grants import assign_tags, grant_by_tags, list_held_by_tags
from tests.workers.mesh import COLUMNS, Mesh

HALVES = {"DATABASE": ["DESCRIBE"], "TABLE": ["DESCRIBE", "SELECT"]}


@pytest.fixture
def tagged(mesh: Mesh) -> Mesh:
    """The table carries an LF-Tag of its own, in AWS and in the mirror."""
    assign_tags(mesh)
    return mesh


@pytest.mark.parametrize("account", [BI, PARTNER])
def test_it_reads_what_carries_the_tags_and_no_more_after_the_end(tagged: Mesh, account: str) -> None:
    grant = grant_by_tags(tagged, account)
    intent = tagged.run_until_presence(grant, "present")
    assert (list_held_by_tags(tagged, account), intent.usable) == (HALVES, True)
    assert set(COLUMNS) < set(tagged.list_visible_columns(account))
    tagged.revoke(grant)
    tagged.run_until_presence(grant, "absent")
    assert (
        list_held_by_tags(tagged, account),
        tagged.list_held_columns(account),
        tagged.list_visible_columns(account),
    ) == ({}, {}, [])


def test_in_the_owners_own_account_it_needs_neither_share_nor_link(tagged: Mesh) -> None:
    tagged.enable_owner_account()
    grant = grant_by_tags(tagged, GOVERNANCE)
    tagged.run_until_presence(grant, "present")
    assert set(COLUMNS) < set(tagged.list_visible_columns(GOVERNANCE))


def test_columns_with_other_tags_stay_closed(tagged: Mesh) -> None:
    assign_tags(tagged, "none", ["gender"])
    tagged.run_until_presence(grant_by_tags(tagged), "present")
    assert "gender" not in tagged.list_visible_columns()
    assert {"policy_id", "region"} < set(tagged.list_visible_columns())


def test_ending_one_takes_nothing_that_a_name_or_other_tags_justify(tagged: Mesh) -> None:
    wide, narrow = grant_by_tags(tagged, values=("gold", "silver")), grant_by_tags(tagged)
    named = tagged.grant(("policy_id",))
    for grant in (wide, narrow, named):
        tagged.run_until_presence(grant, "present")
    tagged.revoke(wide)
    tagged.run_until_presence(wide, "absent")
    assert (list_held_by_tags(tagged), "gender" in tagged.list_visible_columns()) == (HALVES, True)
    tagged.revoke(narrow)
    tagged.run_until_presence(narrow, "absent")
    assert (list_held_by_tags(tagged), tagged.list_visible_columns()) == ({}, ["policy_id", "snapshot_date"])


def test_what_is_taken_away_is_told_and_granted_again(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged)
    tagged.run_until_presence(grant, "present")
    policy = {"ResourceType": "TABLE", "Expression": [{"TagKey": tagged.database, "TagValues": ["gold"]}]}
    tagged.governance_client().revoke_permissions(
        Principal={"DataLakePrincipalIdentifier": tagged.roles[BI].arn},
        Resource={"LFTagPolicy": policy},
        Permissions=["SELECT"],
    )
    tagged.run_until(grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.MISSING).exists())
    tagged.run_until_presence(grant, "present")
    assert list_held_by_tags(tagged) == HALVES


def test_it_ends_by_its_time(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged, duration=timedelta(hours=20))
    tagged.run_until_presence(grant, "present")
    with as_role("meshmarket_owner"):
        clock.advance(timedelta(hours=21))
    tagged.run_until_presence(grant, "absent")
    assert list_held_by_tags(tagged) == {}


def test_what_is_tagged_otherwise_later_is_told_and_over_when_it_is_tagged_as_it_was(tagged: Mesh) -> None:
    grant = grant_by_tags(tagged)
    tagged.run_until_presence(grant, "present")
    assign_tags(tagged, "none", ["gender"])
    tagged.run_until(grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.NARROWED).exists())
    told = DriftFinding.objects.get(kind=DifferenceKind.NARROWED)
    assert told.text.startswith(
        f"{tagged.roles[BI].name} can no longer read gender of {tagged.table} through"
    )
    assign_tags(tagged, "gold", ["gender"])
    tagged.run_until(
        grant,
        lambda _: DriftFinding.objects.filter(kind=DifferenceKind.NARROWED, gone_at__isnull=False).exists(),
    )
    assert tagged.run_until_presence(grant, "present").usable is True


def test_what_is_tagged_later_is_told_to_the_owner_and_over_when_it_is_tagged_otherwise(tagged: Mesh) -> None:
    assign_tags(tagged, "none", ["gender"])
    grant = grant_by_tags(tagged)
    tagged.run_until_presence(grant, "present")
    assert not DriftFinding.objects.filter(kind=DifferenceKind.WIDENED).exists()
    assign_tags(tagged, "gold", ["gender"])
    tagged.run_until(grant, lambda _: DriftFinding.objects.filter(kind=DifferenceKind.WIDENED).exists())
    told = DriftFinding.objects.get(kind=DifferenceKind.WIDENED)
    assert told.text.startswith(f"{tagged.roles[BI].name} can read gender of {tagged.table} through")
    assert (told.database, told.intents) == (tagged.database, [grant.intent_id])
    tagged.run_rounds(6)
    assert Event.objects.filter(verb="found_widening", subject=f"item:{grant.item_id}").count() == 1
    assert "Covers more than was approved" in [moment.text for moment in build_item_timeline(grant.item)]
    assign_tags(tagged, "none", ["gender"])
    tagged.run_until(
        grant,
        lambda _: DriftFinding.objects.filter(kind=DifferenceKind.WIDENED, gone_at__isnull=False).exists(),
    )
    assert tagged.run_until_presence(grant, "present").usable is True
