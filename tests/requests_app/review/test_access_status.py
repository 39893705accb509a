"""The chip never says more than AWS has confirmed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ReadingTimes, ScopeReading, max_reading_age
from fulfilment.rounds import Scope
from identity.people.models import Person
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.grants.queries import get_grant
from requests_app.review.access_status import AccessStatus, format_moment, get_access_status
from requests_app.review.actions import reject_item
from requests_app.review.queries import get_item_for_review
from requests_app.review.timeline import build_item_timeline
from requests_app.submission.actions import withdraw_item
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.engine_readings import record_presence_proof, write_presence

Presence = Intent.Presence


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def to_pair(progress: AccessStatus) -> tuple[str, str]:
    return progress.display_state.state.value, progress.display_state.reason.value


def write_and_get_status(bank: Bank, grant: Grant, presence: Presence, **seen_half: Any) -> AccessStatus:
    write_presence(grant.intent, presence, catalog=bank.catalog, consumer=bank.bi_account, **seen_half)
    return get_access_status(get_grant(bank.ana, grant.pk))


def revoke(bank: Bank, grant: Grant) -> None:
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Done.", now=clock.now())


def test_an_ask_waits_for_the_owner(bank: Bank) -> None:
    progress = get_access_status(submit_bank_item(bank))
    assert to_pair(progress) == ("waiting_for_review", "")
    assert progress.sentence == "A data owner of Insurance decides next."


def test_a_no_says_who_and_why(bank: Bank) -> None:
    item = submit_bank_item(bank)
    reject_item(acting_user=bank.ines, item_id=item.pk, comment="Ask for totals.", now=clock.now())
    progress = get_access_status(get_item_for_review(bank.ana, item.pk))
    assert (to_pair(progress), progress.sentence) == (("rejected", ""), "Ines Roth: Ask for totals.")


def test_withdrawn_is_grey(bank: Bank) -> None:
    item = submit_bank_item(bank)
    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())
    assert to_pair(get_access_status(get_item_for_review(bank.ana, item.pk))) == ("withdrawn", "")


def test_approved_is_not_present(bank: Bank, grant: Grant) -> None:
    assert to_pair(get_access_status(grant)) == ("applying", "")
    assert to_pair(get_access_status(get_item_for_review(bank.ana, grant.item_id))) == ("applying", "")


@pytest.mark.parametrize(
    ("presence", "half", "expected"),
    [
        (Presence.PRESENT, {"usable": True}, ("active", "")),
        (Presence.PRESENT, {"usable": None}, ("active", "usability_not_known")),
        (Presence.PRESENT, {"usable": False}, ("needs_attention", "not_usable")),
        (Presence.UNKNOWN, {}, ("not_known", "unreadable")),
        (Presence.STALE, {}, ("needs_attention", "effects_changed")),
        (Presence.HOLD, {"failure": "The table was made anew."}, ("needs_attention", "on_hold")),
        (Presence.UNSEEN, {"failure": "AWS refused to grant it."}, ("failed", "refused_by_aws")),
        (Presence.UNSEEN, {"failure": "Its data cells filter is not there yet"}, ("applying", "")),
        (Presence.UNKNOWN, {"failure": "SELECT is gone; repairing it"}, ("applying", "drift_repair")),
        (Presence.ABSENT, {}, ("applying", "")),
    ],
)
def test_the_word_follows_what_was_seen(
    bank: Bank, grant: Grant, presence: Presence, half: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert to_pair(write_and_get_status(bank, grant, presence, **half)) == expected


def test_active_names_the_time_of_the_evidence(bank: Bank, grant: Grant) -> None:
    progress = write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    assert progress.evidence_at is not None
    assert progress.sentence.startswith(f"Read back from AWS {format_moment(progress.evidence_at)}.")


def test_revoked_is_being_removed_until_it_is_seen_absent(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    record_presence_proof(grant.intent)
    revoke(bank, grant)
    assert to_pair(get_access_status(get_grant(bank.ana, grant.pk))) == ("ending", "")
    progress = write_and_get_status(bank, grant, Presence.ABSENT)
    assert to_pair(progress) == ("ended", "residual_credentials")
    assert progress.residual_until is not None
    assert progress.display_state.reason_label.startswith("Issued credentials may still work until ")


def test_what_aws_never_held_leaves_no_credentials(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    progress = write_and_get_status(bank, grant, Presence.ABSENT)
    assert (to_pair(progress), progress.residual_until) == (("ended", ""), None)


def test_an_absence_seen_before_the_revoke_proves_nothing(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.ABSENT)
    revoke(bank, grant)
    assert to_pair(get_access_status(get_grant(bank.ana, grant.pk))) == ("ending", "")


def test_a_removal_that_aws_refuses_has_failed(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    assert to_pair(
        write_and_get_status(bank, grant, Presence.PRESENT, failure="AWS refused to revoke it.")
    ) == (
        "failed",
        "refused_by_aws",
    )


def test_time_ends_a_grant_before_its_row_says_so(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    after = grant.ends_at + timedelta(seconds=1)
    progress = get_access_status(get_grant(bank.ana, grant.pk), now=after)
    assert (to_pair(progress), progress.sentence[:8]) == (("ending", ""), "Expired.")


def test_a_difference_that_was_found_is_told(bank: Bank, grant: Grant) -> None:
    progress = write_and_get_status(bank, grant, Presence.UNKNOWN, failure="SELECT is gone")
    assert progress.sentence == "SELECT is gone. The workers check again and repair it."


def test_the_residual_note_ends(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    write_and_get_status(bank, grant, Presence.ABSENT)
    later = clock.now() + timedelta(hours=13)
    assert get_access_status(get_grant(bank.ana, grant.pk), now=later).residual_until is None


def test_the_timeline_tells_people_and_engine(bank: Bank, grant: Grant) -> None:
    revoke(bank, grant)
    write_and_get_status(bank, grant, Presence.ABSENT)
    moments = build_item_timeline(get_item_for_review(bank.ana, grant.item_id))
    assert [(m.kind, m.text) for m in moments] == [
        ("asked", "Ana Keller requested 2 columns of insurance_gold.claims"),
        ("decided", "Ines Roth approved it"),
        ("ended", "Ines Roth revoked it"),
        ("absent", "Read back from AWS: absent"),
    ]


def test_a_proof_whose_scope_was_not_read_since_is_not_known(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    later = clock.now() + max_reading_age() + timedelta(minutes=10)
    progress = get_access_status(get_grant(bank.ana, grant.pk), now=later)
    assert to_pair(progress) == ("not_known", "reading_too_old")
    assert progress.sentence.endswith("AWS has not been read since, so the current state is not known.")


def test_a_proof_whose_scope_was_read_just_now_is_active(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    later = clock.now() + max_reading_age() + timedelta(minutes=10)
    with as_role("meshmarket_worker"):
        scope = Scope.objects.get(key=grant.intent.scope_key)
        ScopeReading.objects.create(scope=scope, epoch=1, read_at=later, facts={"resources": []})
    assert to_pair(get_access_status(get_grant(bank.ana, grant.pk), now=later)) == ("active", "")


def test_many_grants_cost_one_query_for_their_readings(bank: Bank, grant: Grant) -> None:
    write_and_get_status(bank, grant, Presence.PRESENT, usable=True)
    found, readings, now = get_grant(bank.ana, grant.pk), ReadingTimes(), clock.now()
    with CaptureQueriesContext(connection) as caught:
        for _ in range(5):
            get_access_status(found, now=now, readings=readings)
    assert len(caught) == 1


def test_a_request_of_a_deactivated_person_needs_attention(bank: Bank) -> None:
    item = submit_bank_item(bank)
    Person.objects.filter(pk=bank.ana.pk).update(is_active=False)
    progress = get_access_status(get_item_for_review(bank.ines, item.pk))
    assert to_pair(progress) == ("needs_attention", "requester_inactive")
