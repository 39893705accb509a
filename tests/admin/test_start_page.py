"""The start page of the administration: what needs attention, with links, for who may look into it."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.sync.models import SyncRun
from fulfilment.holds import Valve
from fulfilment.permissions.models import DriftFinding
from fulfilment.rounds import Scope
from identity.people.models import Membership
from identity.role_changes.changes import build_membership_change
from kernel import clock
from requests_app.notifications.models import NotificationMail
from tests import factories
from tests.bank import Bank
from tests.database import as_operator, as_role, without_triggers
from tests.role_changes import make_governor, propose_change


def read_start_page(client: Client) -> dict[str, str]:
    """Addresses by text."""
    return {item.text: item.url for item in client.get(reverse("admin:index")).context["attention"]}


@pytest.fixture
def hanna(client: Client, bank: Bank) -> Client:
    client.force_login(make_governor())
    return client


def test_what_waits_or_failed_is_counted_with_a_link(hanna: Client, bank: Bank) -> None:
    now = clock.now()
    propose_change(
        bank.greta, build_membership_change(bank.ana, bank.insurance, Membership.Role.DATA_OWNER, held=True)
    )
    with as_role("meshmarket_worker"):
        SyncRun.objects.create(catalog=bank.catalog, outcome=SyncRun.Outcome.PAUSED, requested_at=now)
    with as_operator():
        Valve.objects.create(account=bank.bi_account, reason="Migration")
    make_unsent_mail(bank)
    found = read_start_page(hanna)
    assert found["1 role change waits for a second governor"] == reverse("role-changes")
    assert found["The last sync of 1 catalog needs attention"] == reverse("sync-runs")
    assert found[f"Writes to the account {bank.bi_account} are stopped."] == reverse("health") + "#valves"
    mails = found["1 mail could not be sent"]
    assert mails == reverse("admin:requests_notificationmail_changelist") + "?gave_up_at__isempty=0"
    assert hanna.get(mails).context["cl"].result_count == 1


def test_its_queries_do_not_grow_with_what_is_found(hanna: Client, bank: Bank) -> None:
    make_failing_catalog(bank, "first")
    before = count_queries(hanna)
    for name in ("second", "third", "fourth"):
        make_failing_catalog(bank, name)
    assert count_queries(hanna) == before
    found = read_start_page(hanna)
    assert found["The last syncs of 4 catalogs need attention"] == reverse("sync-runs")
    assert found["1 drift finding in fourth"] == f"{reverse('permissions')}?catalog=fourth"


def make_failing_catalog(bank: Bank, name: str) -> None:
    now = clock.now()
    catalog = factories.make_catalog(factories.make_account(bank.bi), name)
    with as_role("meshmarket_worker"):
        SyncRun.objects.create(catalog=catalog, outcome=SyncRun.Outcome.PAUSED, requested_at=now)
    with without_triggers():
        Scope.objects.create(kind=Scope.Kind.CATALOG, key=f"catalog:{catalog.pk}", catalog=catalog)
        DriftFinding.objects.create(
            catalog=catalog, kind="missing", key=name, text="gone", first_seen_at=now, last_seen_at=now
        )


def make_unsent_mail(bank: Bank) -> None:
    now = clock.now()
    with without_triggers():
        NotificationMail.objects.create(
            person=bank.ana, key="digest", created_at=now, due_at=now, gave_up_at=now, failure="refused"
        )


def count_queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("admin:index"))
    return len(captured)


def test_staff_are_told_what_they_may_look_into(client: Client, bank: Bank) -> None:
    make_unsent_mail(bank)
    with as_operator():
        Valve.objects.create(account=bank.bi_account, reason="Migration")
    eve = factories.make_person("Eve Staff", is_staff=True)
    client.force_login(eve)
    assert read_start_page(client) == {}
    assert "Nothing that you can see needs attention." in client.get(reverse("admin:index")).content.decode()
    eve.user_permissions.set(Permission.objects.filter(codename="view_notificationmail"))
    assert list(read_start_page(client)) == ["1 mail could not be sent"]


def test_the_pages_follow_the_portals_theme(hanna: Client) -> None:
    page = hanna.get(reverse("admin:index")).content.decode()
    assert "js/theme.js" in page
    assert "admin_site/theme.css" in page
    assert "admin/js/theme.js" not in page
    assert [f'data-theme-choice="{choice}"' in page for choice in ("", "light", "dark")] == [True] * 3
