"""The chart of drift that was found and resolved."""

from datetime import timedelta

from fulfilment.permissions.models import DriftFinding
from kernel import clock
from tests.bank import Bank
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.portal.permissions.test_pages import add_finding, get_ledger_address


def test_found_and_resolved_drift_is_counted_by_period(bank: Bank) -> None:
    greta = make_client(bank.greta)
    assert not greta.get(get_ledger_address(bank)).context["charts"]
    finding = add_finding(bank)
    add_finding(bank, key="other")
    with as_role("meshmarket_worker"):
        DriftFinding.objects.filter(pk=finding.pk).update(gone_at=clock.now() + timedelta(seconds=-1))
    (chart,) = greta.get(get_ledger_address(bank)).context["charts"]
    assert [sum(one.values) for one in chart.series] == [2, 1]
    assert "2 findings, 1 resolved." in greta.get(get_ledger_address(bank)).content.decode()


def test_resolved_drift_is_shown_without_an_open_finding(bank: Bank) -> None:
    finding = add_finding(bank)
    with as_role("meshmarket_worker"):
        DriftFinding.objects.filter(pk=finding.pk).update(gone_at=clock.now())
    assert "1 finding, 1 resolved." in make_client(bank.greta).get(get_ledger_address(bank)).content.decode()


def test_findings_older_than_ninety_days_are_not_shown(bank: Bank) -> None:
    finding, old = add_finding(bank), clock.now() - timedelta(days=100)
    with as_role("meshmarket_worker"):
        DriftFinding.objects.filter(pk=finding.pk).update(first_seen_at=old, last_seen_at=old, gone_at=old)
    assert not make_client(bank.greta).get(get_ledger_address(bank)).context["charts"]
