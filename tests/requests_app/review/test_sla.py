"""When a promised time passes, deciders are reminded once, then governance admins are notified once."""

from datetime import timedelta

from pytest_django import Settings

from kernel import clock
from requests_app.access_requests.models import RequestItem
from requests_app.review.sla.actions import record_overdue_step
from requests_app.review.sla.models import OverdueStep
from requests_app.review.sla.queries import get_decision_deadline, list_overdue_items
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_role
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events

REMIND, ESCALATE = OverdueStep.Step.REMIND, OverdueStep.Step.ESCALATE


def run_sla_steps(hours: float) -> list[str]:
    """As the sweep does so many hours from now; the steps that were taken."""
    now = clock.now() + timedelta(hours=hours)
    with as_role("meshmarket_worker"):
        return [
            step.value
            for step in OverdueStep.Step
            for pk in list(list_overdue_items(step, now).values_list("pk", flat=True))
            if record_overdue_step(item_id=pk, step=step, now=now)
        ]


def test_each_step_is_taken_once(bank: Bank) -> None:
    submit_bank_item(bank)
    assert [run_sla_steps(hours) for hours in (23, 25, 26, 49, 50)] == [[], ["remind"], [], ["escalate"], []]
    project_all_events(clock.now() + timedelta(hours=51))
    reminded = "Claims for BI waits for your decision and is overdue."
    escalated = "Claims for BI has waited for a decision twice as long as promised."
    assert reminded in list_notification_texts(bank.ines)
    assert list_notification_texts(bank.greta) == list_notification_texts(bank.ana) == [escalated]
    assert list_notification_texts(bank.sam) == []


def test_a_domain_promises_its_own_time_or_none(bank: Bank, settings: Settings) -> None:
    item = submit_bank_item(bank)
    bank.domain.decide_within_hours = 2
    bank.domain.save()
    item = RequestItem.objects.get(pk=item.pk)
    assert get_decision_deadline(item) == item.state_changed_at + timedelta(hours=2)
    assert run_sla_steps(3) == ["remind"]
    bank.domain.decide_within_hours = 0
    bank.domain.save()
    assert run_sla_steps(100) == []
    assert get_decision_deadline(RequestItem.objects.get(pk=item.pk)) is None
    bank.domain.decide_within_hours = None
    bank.domain.save()
    settings.DECIDE_WITHIN_HOURS = 0
    assert run_sla_steps(100) == []


def test_what_is_decided_waits_for_nobody(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    assert run_sla_steps(100) == []


def test_what_begins_to_wait_anew_is_pressed_anew(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert run_sla_steps(25) == ["remind"]
    item.state_changed_at = clock.now() + timedelta(hours=25)
    item.save(update_fields=["state_changed_at"])
    assert run_sla_steps(26) == []
    assert run_sla_steps(50) == ["remind"]


def test_of_two_that_press_at_once_one_does(bank: Bank) -> None:
    item = submit_bank_item(bank)
    now = clock.now() + timedelta(hours=25)
    with as_role("meshmarket_worker"):
        assert record_overdue_step(item_id=item.pk, step=REMIND, now=now)
        assert not record_overdue_step(item_id=item.pk, step=REMIND, now=now)
        assert not record_overdue_step(item_id=item.pk, step=ESCALATE, now=now)
