"""The sync pages: for stewards and governance admins, with what runs, what waits, and what could not be read."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.sync.models import SyncProblem, SyncRun
from identity.people.models import PlatformRole
from kernel import clock
from tests.bank import Bank
from tests.database import as_role
from tests.portal.conftest import make_client


def make_run(bank: Bank, outcome: str = SyncRun.Outcome.DONE, **fields: object) -> SyncRun:
    began = clock.now() - timedelta(seconds=10)
    values: dict[str, object] = {"started_at": began, "finished_at": clock.now(), **fields}
    with as_role("meshmarket_worker"):
        return SyncRun.objects.create(catalog=bank.catalog, requested_at=began, outcome=outcome, **values)


@pytest.mark.parametrize("name", ["sync-runs", "sync-run"])
def test_the_pages_are_for_stewards_and_admins(bank: Bank, name: str) -> None:
    address = reverse(name, args=[make_run(bank).pk] if name == "sync-run" else [])

    assert make_client(bank.greta).get(address).status_code == 200
    assert make_client(bank.ana).get(address).status_code == 404
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=bank.ana, role=PlatformRole.Role.STEWARD)
    answer = make_client(bank.ana).get(address)
    assert answer.status_code == 200
    assert "style=" not in answer.content.decode()


def test_a_table_of_an_unpublished_product_is_named_and_leads_nowhere(bank: Bank) -> None:
    DataProduct.objects.update(is_published=False)
    Table.objects.update(mirrored_at=clock.now())
    address, table = reverse("sync-run", args=[make_run(bank).pk]), reverse("table", args=[bank.claims.pk])

    pages = [make_client(bank.greta).get(address).content.decode()]
    DataProduct.objects.update(is_published=True)
    pages.append(make_client(bank.greta).get(address).content.decode())

    assert ["claims</" in page for page in pages] == [True, True]
    assert [table in page for page in pages] == [False, True]


def test_a_run_that_goes_on_shows_how_far_it_is(bank: Bank) -> None:
    make_run(bank, SyncRun.Outcome.RUNNING, finished_at=None, pages=25, pages_expected=100, tables=2500)

    page = make_client(bank.greta).get(reverse("sync-runs")).content.decode()

    assert '<progress class="bar" max="100" value="25"' in page
    assert "25 of about 100 pages" in page
    assert 'hx-trigger="every 2s"' in page


def test_a_catalog_that_rests_asks_for_nothing(bank: Bank) -> None:
    make_run(bank)

    assert "every 2s" not in make_client(bank.greta).get(reverse("sync-runs")).content.decode()


def test_sync_now_asks_for_a_catalog_or_for_one_database(bank: Bank) -> None:
    greta = make_client(bank.greta)

    greta.post(reverse("sync-run-new"), {"catalog": bank.catalog.pk})
    greta.post(reverse("sync-run-new"), {"catalog": bank.catalog.pk, "database": "insurance_gold"})

    assert list(SyncRun.objects.order_by("pk").values_list("database", flat=True)) == ["", "insurance_gold"]


@pytest.mark.parametrize(
    "form", [{}, {"catalog": "x"}, {"catalog": "987654"}, {"catalog": "{}", "database": "none"}]
)
def test_what_is_not_there_cannot_be_asked_for(bank: Bank, form: dict[str, str]) -> None:
    form = {name: value.format(bank.catalog.pk) for name, value in form.items()}

    assert make_client(bank.greta).post(reverse("sync-run-new"), form).status_code == 404
    assert not SyncRun.objects.exists()


@pytest.mark.parametrize(("name", "runs"), [("sync-run-resume", 2), ("sync-run-cancel", 1)])
def test_a_paused_run_goes_on_or_is_dropped_by_a_button(bank: Bank, name: str, runs: int) -> None:
    paused = make_run(bank, SyncRun.Outcome.PAUSED, held=40)
    assert "40 tables would disappear" in make_client(bank.greta).get(reverse("sync-runs")).content.decode()

    assert make_client(bank.ana).post(reverse(name, args=[paused.pk])).status_code == 404
    assert make_client(bank.greta).post(reverse(name, args=[paused.pk])).status_code == 302

    paused.refresh_from_db()
    assert (paused.outcome, SyncRun.objects.count()) == (SyncRun.Outcome.DROPPED, runs)


def test_errors_are_told_by_database_and_as_text(bank: Bank) -> None:
    failed = make_run(bank, SyncRun.Outcome.FAILED, error="1 of 3 databases could not be read.")
    SyncProblem.objects.create(run=failed, database="gold", error="AccessDenied: <b>no</b>")

    page = make_client(bank.greta).get(reverse("sync-run", args=[failed.pk])).content.decode()

    assert "AccessDenied: &lt;b&gt;no&lt;/b&gt;" in page
    assert "1 of 3 databases could not be read." in page
