"""The five stages say where an item is, since when, and who acts."""

from typing import Any

import pytest

from fulfilment.intents.failures import REFUSED
from fulfilment.intents.models import Intent
from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.review.access_status import get_access_status
from requests_app.review.actions import reject_item
from requests_app.review.comments import request_changes
from requests_app.review.queries import get_item_for_review
from requests_app.review.timeline import Stage, build_item_timeline, build_stages
from requests_app.submission.actions import withdraw_item
from tests.bank import Bank, approve, submit_bank_item
from tests.engine_readings import write_presence

Presence = Intent.Presence


def read_stages(bank: Bank, item_id: int) -> tuple[Stage, ...]:
    item, now = get_item_for_review(bank.ana, item_id), clock.now()
    return build_stages(item, get_access_status(item, now=now), build_item_timeline(item), now)


def read_progress(bank: Bank, item_id: int) -> list[str]:
    return [f"{stage.label}: {stage.progress}" for stage in read_stages(bank, item_id)]


def find_present_stage(bank: Bank, item_id: int) -> Stage:
    (here,) = (stage for stage in read_stages(bank, item_id) if stage.is_current)
    return here


@pytest.fixture
def item(bank: Bank) -> RequestItem:
    return submit_bank_item(bank)


@pytest.fixture
def grant(bank: Bank, item: RequestItem) -> Grant:
    return approve(bank, item)


def write(bank: Bank, grant: Grant, presence: Presence, **seen_half: Any) -> None:
    write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account, **seen_half)


def test_a_request_waits_for_approval(bank: Bank, item: RequestItem) -> None:
    assert read_progress(bank, item.pk) == [
        "Requested: done",
        "Waiting for review: current",
        "Applied: upcoming",
        "Proven: upcoming",
        "Ends: upcoming",
    ]
    requested, approved, *_, ends = read_stages(bank, item.pk)
    assert (requested.who, requested.at) == (bank.ana.name, item.request.submitted_at)
    assert approved.detail == "A data owner of Insurance decides next."
    assert ends.at == item.ends_at


def test_a_requested_change_says_who_asked_and_who_answers(bank: Bank, item: RequestItem) -> None:
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment="Fewer columns?", idempotency_key="1", now=clock.now()
    )
    here = find_present_stage(bank, item.pk)
    assert (here.label, here.progress, here.who) == ("Change requested", "blocked", bank.ines.name)
    assert here.remedy == f"{bank.ana.name} changes the request or explains it."


def test_a_rejection_ends_it_there(bank: Bank, item: RequestItem) -> None:
    reject_item(acting_user=bank.ines, item_id=item.pk, comment="Ask for totals.", now=clock.now())
    assert read_progress(bank, item.pk)[1:] == [
        "Rejected: closed",
        "Applied: skipped",
        "Proven: skipped",
        "Ends: skipped",
    ]
    assert find_present_stage(bank, item.pk).who == bank.ines.name


def test_a_withdrawal_ends_it_there(bank: Bank, item: RequestItem) -> None:
    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())
    assert read_progress(bank, item.pk)[1] == "Withdrawn: closed"


def test_an_approved_request_is_applied_next(bank: Bank, grant: Grant) -> None:
    assert read_progress(bank, grant.item_id)[1:] == [
        "Approved: done",
        "Applying: current",
        "Proven: upcoming",
        "Ends: upcoming",
    ]
    assert read_stages(bank, grant.item_id)[1].who == bank.ines.name


def test_what_was_read_back_is_proven(bank: Bank, grant: Grant) -> None:
    write(bank, grant, Presence.PRESENT, usable=True)
    assert read_progress(bank, grant.item_id)[2:] == ["Applied: done", "Proven: done", "Ends: upcoming"]
    assert find_present_stage(bank, grant.item_id).at is not None


def test_a_present_and_unusable_grant_says_who_adds_what_is_missing(bank: Bank, grant: Grant) -> None:
    write(bank, grant, Presence.PRESENT, usable=False)
    here = find_present_stage(bank, grant.item_id)
    assert (here.label, here.progress) == ("Proven", "blocked")
    assert here.remedy == f"An admin of {bank.bi_account.name} adds what is missing."


def test_a_refusal_blocks_applying(bank: Bank, grant: Grant) -> None:
    write(bank, grant, Presence.UNKNOWN, failure=f"{REFUSED} to grant it")
    here = find_present_stage(bank, grant.item_id)
    assert (here.label, here.progress, str(here.tone)) == ("Applied", "blocked", "red")
    assert "allows the workers what AWS refused" in here.remedy


def test_a_revoked_grant_is_ending_until_it_is_seen_absent(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Done.", now=clock.now())
    here = find_present_stage(bank, grant.item_id)
    assert (here.label, here.progress, here.who) == ("Ending", "current", bank.ines.name)
    grant.intent.refresh_from_db()
    write(bank, grant, Presence.ABSENT)
    assert read_progress(bank, grant.item_id)[-1] == "Ended: closed"
