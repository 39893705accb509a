"""A broken chain raises an alarm: on the record, in the log, as a notice for governors and auditors, on system health."""

import logging

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from audit.models import Event
from identity.people.models import PlatformRole
from kernel import clock
from requests_app.notifications.kinds import Frequency, NotificationChannel
from requests_app.notifications.models import Notification, NotificationSetting
from requests_app.notifications.projection import project_events
from tests import factories
from tests.audit.test_chain import change_as_attacker, seal, write
from tests.bank import Bank, make_bank
from tests.database import TestDatabase, as_role
from tests.portal.conftest import make_client
from tests.workers.engine_rounds import WORKER
from workers.housekeeping import verify_recent_and_slice


@pytest.fixture
def bank(committed: TestDatabase) -> Bank:
    made = make_bank()
    auditor = factories.make_person("Otto Audit")
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=auditor, role=PlatformRole.Role.AUDITOR)
    NotificationSetting.objects.create(
        person=auditor, kind="failed", channel=NotificationChannel.PORTAL, frequency=Frequency.OFF
    )
    write()
    seal()
    return made


def verify() -> None:
    with as_role(WORKER):
        verify_recent_and_slice()


def test_the_alarm(bank: Bank, committed: TestDatabase, caplog: pytest.LogCaptureFixture) -> None:
    verify()
    assert "audit chain" not in Client().get("/healthz").json()["degraded"]
    change_as_attacker(committed, "UPDATE audit_event SET data = '{\"n\": 9}' WHERE subject = 'item:1'")
    with caplog.at_level(logging.CRITICAL):
        verify()
        verify()
    assert [record.levelname for record in caplog.records].count("CRITICAL") == 1
    event = Event.objects.get(verb="find_broken_chain")
    seal()
    with as_role(WORKER):
        project_events(now=clock.now())
    told = Notification.objects.filter(event=event, channel=NotificationChannel.PORTAL)
    # Also who chose not to hear of failures: it is an alarm.
    assert {notice.person.name for notice in told} == {bank.greta.name, "Otto Audit"}
    assert "audit chain is broken" in told[0].text
    answer = Client().get("/healthz")
    assert answer.status_code == 200
    assert "audit chain" in answer.json()["degraded"]
    page = make_client(bank.greta).get("/health/").content.decode()
    assert "Someone changed or removed records" in page
    assert "the event was changed after it was written" in page


def test_the_command_says_that_it_holds_or_what_does_not(
    bank: Bank, committed: TestDatabase, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_role(WORKER):
        call_command("verify_audit")
        assert "3 links were verified" in capsys.readouterr().out
        change_as_attacker(committed, "DELETE FROM audit_seal WHERE seq = 2")
        with pytest.raises(CommandError, match="broken"):
            call_command("verify_audit")
    assert "link 2 is missing" in capsys.readouterr().err


def test_a_chain_that_nobody_verifies_is_shown(bank: Bank) -> None:
    assert "audit chain" in Client().get("/healthz").json()["degraded"]
    verify()
    page = make_client(bank.greta).get("/health/").content.decode()
    assert "Latest links: 1 to 3 verified" in page
