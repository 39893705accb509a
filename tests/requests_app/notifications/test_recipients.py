"""Which event tells whom, in which words; and nobody who may not see it."""

import ast
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from audit import clock
from audit.actions import record
from requests_app.grants.actions import revoke_grant
from requests_app.notifications.actions import choose_frequencies
from requests_app.notifications.event_templates import EVENT_TEMPLATES, SILENT_EVENTS
from requests_app.notifications.kinds import Frequency, NotificationChannel, NotificationKind
from requests_app.notifications.models import Notice
from requests_app.review.actions import reject_item
from requests_app.review.comments import comment_on_item
from requests_app.submission.actions import withdraw_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.architecture.source import SHIPPED, called, files, nodes
from tests.bank import Bank, approve, ask, asked_item
from tests.requests_app.notifications.projection_setup import from_the_start, tell, words_for

DYNAMIC = {"proved_present", "proved_absent", "proved_stale", "found_drift", "could_not_read", "replaced"}
"""Verbs that the engine puts together, or is given."""


def test_an_ask_tells_its_deciders_and_nobody_else(bank: Bank) -> None:
    ask(bank)
    tell()
    said = ["Ana Keller requests Claims for BI."]
    assert (words_for(bank.ines), words_for(bank.ivo)) == (said, said)
    assert set(Notice.objects.values_list("person", flat=True)) == {bank.ines.pk, bank.ivo.pk}


def test_a_decision_tells_who_asked_and_not_who_decided(bank: Bank) -> None:
    approve(bank, asked_item(bank))
    tell()
    assert words_for(bank.ana) == ["Ines Roth approved Claims for BI."]
    assert "Ines Roth approved Claims for BI." not in words_for(bank.ines)
    notice = Notice.objects.get(person=bank.ana)
    assert (notice.kind, notice.page) == ("decided", "access-request")


def test_each_side_hears_of_the_end(bank: Bank) -> None:
    grant = approve(bank, asked_item(bank))
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    tell()
    ended = "Ines Roth revoked the access to Claims for BI."
    assert ended in words_for(bank.ana)
    assert ended in words_for(bank.ivo)
    assert ended not in words_for(bank.ines)


def test_words_of_the_other_side_reach_who_spoke_before(bank: Bank) -> None:
    item = asked_item(bank)
    said: dict[str, Any] = {"item_id": item.pk, "comment": "Why?", "now": clock.now()}
    comment_on_item(acting_user=bank.ines, key="1", **said)
    comment_on_item(acting_user=bank.ana, key="2", **said)
    tell()
    assert words_for(bank.ana) == ["Ines Roth commented on the request for Claims for BI."]
    assert words_for(bank.ines)[1:] == ["Ana Keller commented on the request for Claims for BI."]
    assert len(words_for(bank.ivo)) == 1


def test_a_failed_fulfilment_is_told_with_its_reason(bank: Bank) -> None:
    item = asked_item(bank)
    data = {"intent": 1, "reason": "AWS refused:\n no such role"}
    record(verb="fail_intent", actor="engine:w", subject=f"item:{item.pk}", data=data, now=clock.now())
    tell()
    words = "Claims for BI could not be applied in AWS: AWS refused: no such role"
    assert words_for(bank.ana) == words_for(bank.greta) == [words]
    assert words_for(bank.sam) == []


def test_who_may_not_see_the_item_is_not_told(bank: Bank) -> None:
    """Ivo left the team between the event and its telling."""
    item = asked_item(bank)
    comment_on_item(acting_user=bank.ivo, item_id=item.pk, comment="Hm.", key="1", now=clock.now())
    bank.ivo.memberships.all().delete()
    comment_on_item(acting_user=bank.ana, item_id=item.pk, comment="Yes?", key="2", now=clock.now())
    bank.ines.is_active = False
    bank.ines.save()
    tell()
    assert words_for(bank.ivo) == words_for(bank.ines) == []


def test_told_again_from_the_start_nothing_is_told_twice(bank: Bank) -> None:
    approve(bank, asked_item(bank))
    tell()
    rows = Notice.objects.count()
    from_the_start()
    assert (tell() > 0, Notice.objects.count()) == (True, rows)


def test_history_and_unknown_verbs_tell_nobody(bank: Bank) -> None:
    item = asked_item(bank)
    record(verb="never_heard_of", actor="person:x", subject=f"item:{item.pk}", data={}, now=clock.now())
    record(verb="reject_item", actor="person:99999", subject="item:none", data={}, now=clock.now())
    tell(clock.now() + timedelta(days=8))
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("pace", "channels"), [("off", {"portal"}), ("digest", {"portal", "mail"}), (None, {"portal", "mail"})]
)
def test_each_hears_at_the_chosen_pace(
    bank: Bank, settings: Settings, pace: str | None, channels: set[str]
) -> None:
    settings.MAIL_IS_SENT = True
    if pace:
        paces = {(NotificationKind.DECIDED, NotificationChannel.MAIL): Frequency(pace)}
        choose_frequencies(acting_user=bank.ana, paces=paces, now=clock.now())
    reject_item(acting_user=bank.ines, item_id=asked_item(bank).pk, comment="No.", now=clock.now())
    tell()
    found = Notice.objects.filter(person=bank.ana)
    assert {row.channel for row in found} == channels
    for row in found.filter(channel="mail"):
        assert (row.pace, row.due_at > row.made_at) == (pace or "instant", pace == "digest")


def test_several_tables_of_one_ask_are_one_notice(bank: Bank) -> None:
    second = factories.make_table(bank.claims.database, "payments")
    asks = [columns_of(bank.claims.pk), columns_of(second.pk)]
    request = ask(bank, items=asks)
    withdraw_item(acting_user=bank.ana, item_id=request.items.first().pk, now=clock.now())  # type: ignore[union-attr]
    tell()
    assert words_for(bank.ines)[0] == "Ana Keller requests 2 tables for BI."
    assert len(words_for(bank.ines)) == 2


def columns_of(table: int) -> RequestedItem:
    return RequestedItem(table, ("amount",), whole_table=False, product_id=None)


def test_each_verb_tells_someone_or_deliberately_nobody() -> None:
    """A new verb belongs into `EVENT_TEMPLATES`, or with its reason into `SILENT_EVENTS`, of `requests_app.notifications.event_templates`."""
    assert not EVENT_TEMPLATES.keys() & SILENT_EVENTS.keys()
    assert verbs() - EVENT_TEMPLATES.keys() - SILENT_EVENTS.keys() == set()


def verbs() -> set[str]:
    """Verbs that the code names where it records."""
    found = set(DYNAMIC)
    for file in files(*SHIPPED):
        for node in nodes(file):
            if not isinstance(node, ast.Call):
                continue
            said = [one.value for one in node.keywords if one.arg == "verb"]
            if called(node) in {"_record", "record_by_person"}:
                said += node.args[:1]
            found |= {
                one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
    return found
