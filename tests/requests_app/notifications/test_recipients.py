"""Which event tells whom, in which words; and nobody who may not see it."""

import ast
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from audit.actions import record_event
from decisions.kinds import iterate_decided_kinds
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.event_templates import EVENT_TEMPLATES
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind
from requests_app.notifications.models import Notification
from requests_app.notifications.silent_events import SILENT_EVENTS
from requests_app.review.actions import reject_item
from requests_app.review.comments import comment_on_item
from requests_app.submission.actions import withdraw_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.architecture.source import SHIPPED, get_called_name, list_files, list_nodes
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request
from tests.database import as_role
from tests.requests_app.notifications.projection import (
    list_notification_texts,
    project_all_events,
    reset_projection,
)

DYNAMIC_VERBS = {
    "proved_present",
    "proved_absent",
    "proved_stale",
    "found_drift",
    "could_not_read",
    "replaced",
}
"""Verbs that the engine puts together, or is given."""


def test_an_ask_tells_its_deciders_and_nobody_else(bank: Bank) -> None:
    submit_bank_request(bank)
    project_all_events()
    said = ["Ana Keller requests Claims for BI."]
    assert (list_notification_texts(bank.ines), list_notification_texts(bank.ivo)) == (said, said)
    assert set(Notification.objects.values_list("person", flat=True)) == {bank.ines.pk, bank.ivo.pk}


def test_a_decision_tells_who_asked_and_not_who_decided(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    project_all_events()
    assert list_notification_texts(bank.ana) == ["Ines Roth approved Claims for BI."]
    assert "Ines Roth approved Claims for BI." not in list_notification_texts(bank.ines)
    notice = Notification.objects.get(person=bank.ana)
    assert (notice.kind, notice.page) == ("decided", "access-request")


def test_each_side_hears_of_the_end(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    project_all_events()
    ended = "Ines Roth revoked the access to Claims for BI."
    assert ended in list_notification_texts(bank.ana)
    assert ended in list_notification_texts(bank.ivo)
    assert ended not in list_notification_texts(bank.ines)


def test_words_of_the_other_side_reach_who_spoke_before(bank: Bank) -> None:
    item = submit_bank_item(bank)
    said: dict[str, Any] = {"item_id": item.pk, "comment": "Why?", "now": clock.now()}
    comment_on_item(acting_user=bank.ines, idempotency_key="1", **said)
    comment_on_item(acting_user=bank.ana, idempotency_key="2", **said)
    project_all_events()
    assert list_notification_texts(bank.ana) == ["Ines Roth commented on the request for Claims for BI."]
    assert list_notification_texts(bank.ines)[1:] == [
        "Ana Keller commented on the request for Claims for BI."
    ]
    assert len(list_notification_texts(bank.ivo)) == 1


def test_a_failed_fulfilment_is_told_with_its_reason(bank: Bank) -> None:
    item = submit_bank_item(bank)
    data = {"intent": 1, "reason": "AWS refused:\n no such role"}
    with as_role("meshmarket_worker"):
        record_event(
            verb="fail_intent", actor="engine:w", subject=f"item:{item.pk}", data=data, now=clock.now()
        )
    project_all_events()
    words = "Claims for BI could not be applied in AWS: AWS refused: no such role"
    assert list_notification_texts(bank.ana) == list_notification_texts(bank.greta) == [words]
    assert list_notification_texts(bank.sam) == []


def test_who_may_not_see_the_item_is_not_told(bank: Bank) -> None:
    """Ivo left the team between the event and its telling."""
    item = submit_bank_item(bank)
    comment_on_item(
        acting_user=bank.ivo, item_id=item.pk, comment="Hm.", idempotency_key="1", now=clock.now()
    )
    with as_role("meshmarket_owner"):
        bank.ivo.memberships.all().delete()
    comment_on_item(
        acting_user=bank.ana, item_id=item.pk, comment="Yes?", idempotency_key="2", now=clock.now()
    )
    bank.ines.is_active = False
    bank.ines.save()
    project_all_events()
    assert list_notification_texts(bank.ivo) == list_notification_texts(bank.ines) == []


def test_told_again_from_the_start_nothing_is_told_twice(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    project_all_events()
    rows = Notification.objects.count()
    reset_projection()
    assert (project_all_events() > 0, Notification.objects.count()) == (True, rows)


def test_history_and_unknown_verbs_tell_nobody(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with as_role("meshmarket_worker"):
        record_event(
            verb="never_heard_of", actor="person:x", subject=f"item:{item.pk}", data={}, now=clock.now()
        )
        record_event(verb="reject_item", actor="person:99999", subject="item:none", data={}, now=clock.now())
    project_all_events(clock.now() + timedelta(days=8))
    assert not Notification.objects.exists()


@pytest.mark.parametrize(
    ("frequency", "channels"),
    [("off", {"portal"}), ("digest", {"portal", "mail"}), (None, {"portal", "mail"})],
)
def test_each_hears_at_the_chosen_pace(
    bank: Bank, settings: Settings, frequency: str | None, channels: set[str]
) -> None:
    settings.MAIL_IS_SENT = True
    if frequency:
        frequencies = {(NotificationKind.DECIDED, NotificationChannel.MAIL): Frequency(frequency)}
        choose_frequencies(acting_user=bank.ana, frequencies=frequencies, now=clock.now())
    reject_item(acting_user=bank.ines, item_id=submit_bank_item(bank).pk, comment="No.", now=clock.now())
    project_all_events()
    found = Notification.objects.filter(person=bank.ana)
    assert {row.channel for row in found} == channels
    for row in found.filter(channel="mail"):
        assert (row.frequency, row.due_at > row.created_at) == (frequency or "instant", frequency == "digest")


def test_several_tables_of_one_ask_are_one_notice(bank: Bank) -> None:
    second = factories.make_table(bank.claims.database, "payments")
    asks = [build_item(bank.claims.pk), build_item(second.pk)]
    request = submit_bank_request(bank, items=asks)
    withdraw_item(acting_user=bank.ana, item_id=request.items.first().pk, now=clock.now())  # type: ignore[union-attr]
    project_all_events()
    assert list_notification_texts(bank.ines)[0] == "Ana Keller requests 2 tables for BI."
    assert len(list_notification_texts(bank.ines)) == 2


def build_item(table: int) -> RequestedItem:
    return RequestedItem(table, ("amount",), whole_table=False, product_id=None)


def test_each_verb_tells_someone_or_deliberately_nobody() -> None:
    """A new verb belongs into `EVENT_TEMPLATES`, or with its reason into `SILENT_EVENTS`, of `requests_app.notifications`. Of a kind of
    decision, its texts are in the kind, and nobody need be told that something was withdrawn.
    """
    texts = {verb for kind in iterate_decided_kinds() for verb in kind.texts}
    withdrawn = {kind.verbs.withdraw for kind in iterate_decided_kinds()}
    assert not (EVENT_TEMPLATES.keys() | texts) & SILENT_EVENTS.keys()
    assert list_verbs() - EVENT_TEMPLATES.keys() - texts - withdrawn - SILENT_EVENTS.keys() == set()


def list_verbs() -> set[str]:
    """Verbs that the code names where it records."""
    found = set(DYNAMIC_VERBS)
    for kind in iterate_decided_kinds():
        found |= set(filter(None, asdict(kind.verbs).values()))
    for file in list_files(*SHIPPED):
        for node in list_nodes(file):
            if not isinstance(node, ast.Call):
                continue
            said = [one.value for one in node.keywords if one.arg == "verb"]
            if get_called_name(node) in {"_record", "_record_event", "record_by_person"}:
                said += node.args[:1]
            found |= {
                one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found
