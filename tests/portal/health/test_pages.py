"""The state of the machine: who sees it, and that a longer list costs no more queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from fulfilment.holds import Valve
from fulfilment.observations.models import ScopeReading
from fulfilment.observations.storage import CatalogFacts
from fulfilment.rounds import Scope
from kernel import clock
from lakeformation.drift import DifferenceKind
from tests import factories
from tests.bank import Bank
from tests.database import as_operator, as_role
from tests.portal.conftest import make_client
from tests.portal.permissions.test_pages import add_finding


def add_scope(bank: Bank, number: int) -> None:
    account = factories.make_account(bank.bi, name=f"BI {number}")
    with as_role("meshmarket_worker"):
        Scope.objects.create(
            key=f"share:{bank.catalog.pk}:{account.account_id}",
            kind="share",
            catalog=bank.catalog,
            consumer=account,
        )


@pytest.mark.parametrize(("name", "sees"), [("greta", 200), ("ines", 404), ("ana", 404)])
def test_who_governs_sees_it(bank: Bank, name: str, sees: int) -> None:
    assert make_client(getattr(bank, name)).get(reverse("health")).status_code == sees


def test_it_tells_readings_findings_and_valves(bank: Bank, settings: Settings) -> None:
    settings.SCAN_EVERY = 300.0
    with as_operator():
        Valve.objects.create(closed=True, reason="migration weekend")
    facts = CatalogFacts(permission_count=9_876, unmanaged_count=12).to_json()
    with as_role("meshmarket_worker"):
        scope = Scope.objects.create(key=f"catalog:{bank.catalog.pk}", kind="catalog", catalog=bank.catalog)
        ScopeReading.objects.create(scope=scope, epoch=1, read_at=clock.now(), facts=facts, seconds=2.6)
    page = make_client(bank.greta).get(reverse("health")).content.decode()
    for words in ("migration weekend", "12 held outside the portal", "took 2.6 s", "303 s"):
        assert words in page, words


def test_a_longer_list_costs_no_more_queries(bank: Bank) -> None:
    greta = make_client(bank.greta)
    counted = []
    for numbers in (range(2), range(2, 8)):
        for number in numbers:
            add_scope(bank, number)
        with CaptureQueriesContext(connection) as caught:
            assert greta.get(reverse("health")).status_code == 200
        counted.append(len(caught))
    assert counted[1] <= counted[0]


def test_an_unjustified_intent_stands_first_and_in_red_whoever_knows_of_it(bank: Bank) -> None:
    greta, reason = make_client(bank.greta), "intent 7 for item:9: Unjustified: no grant owns it."
    add_finding(bank, DifferenceKind.MISSING, key="later")
    found = add_finding(bank, DifferenceKind.UNJUSTIFIED, text=reason, intents=[7])
    greta.post(reverse("drift-finding-acknowledge", args=[found.pk]), {"reason": "Being looked into"})
    add_finding(bank, DifferenceKind.SURPLUS_FOREIGN, key="latest")
    for address in (reverse("health"), f"{reverse('permissions')}?catalog={bank.catalog.short_name}"):
        page = greta.get(address).content.decode()
        assert "Unjustified: no grant owns it" in page
        assert "chip red" in page
    assert page.index("no grant owns it") < page.index("SELECT was taken")


def test_the_top_says_what_the_rows_say(bank: Bank, settings: Settings) -> None:
    settings.SCAN_EVERY = 60.0
    add_scope(bank, 1)
    with as_role("meshmarket_worker"):
        scope = Scope.objects.create(key=f"catalog:{bank.catalog.pk}", kind="catalog", catalog=bank.catalog)
        facts = CatalogFacts(permission_count=1).to_json()
        ScopeReading.objects.create(
            scope=scope, epoch=1, read_at=clock.now() - timedelta(hours=2), facts=facts
        )
    answer = make_client(bank.greta).get(reverse("health"))
    states = [(row.details.scope.kind, row.state.state) for row in answer.context["rows"]]
    assert states == [("catalog", "not_known"), ("share", "active")]
    told = [one.text for one in answer.context["problems"] if one.section == "scopes"]
    assert told == ["1 catalog or share: Not known, Last reading too old."]
    assert told[0] in make_client(bank.greta).get(reverse("home")).content.decode()
