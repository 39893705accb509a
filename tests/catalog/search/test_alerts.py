"""Alerts tell a person of new results of a saved search, once each, and only of what they may see."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from audit.models import Event
from catalog.products.models import DataProduct
from catalog.search.alerts import check_alert, get_saved_search, list_found_hits
from catalog.search.index.indexing import index_products
from catalog.search.models import SavedSearch, SavedSearchHit
from catalog.search.saved_searches import change_search, compute_next_check, delete_search, save_search
from kernel import clock
from kernel.errors import NotFoundError, RefusedError
from tests import factories
from tests.catalog.indexing import index_tables
from tests.catalog.sample_catalog import SampleCatalog, make_sample_catalog
from tests.database import as_role

pytestmark = pytest.mark.django_db
AT_ONCE, DAILY, NONE = SavedSearch.Alert.AT_ONCE, SavedSearch.Alert.DAILY, SavedSearch.Alert.NONE


@pytest.fixture
def shelf() -> SampleCatalog:
    return make_sample_catalog()


@pytest.fixture
def saved(shelf: SampleCatalog) -> SavedSearch:
    """A search for claims whose first comparison was made."""
    return save(shelf, "q=claims")


def save(shelf: SampleCatalog, querystring: str, alert: SavedSearch.Alert = AT_ONCE) -> SavedSearch:
    kept = save_search(
        acting_user=shelf.ana, name="Mine", querystring=querystring, alert=alert, now=clock.now()
    )
    assert check(kept)
    return kept


def check(saved: SavedSearch, *, later: timedelta = timedelta(days=8)) -> bool:
    """Compare as the worker does when it is next due."""
    SavedSearch.objects.filter(pk=saved.pk, due_at__isnull=False).update(due_at=clock.now() - later)
    with as_role("meshmarket_worker"):
        return check_alert(search_id=saved.pk, now=clock.now())


def publish(shelf: SampleCatalog, name: str = "Claims by Region") -> DataProduct:
    product = factories.make_product(shelf.insurance, shelf.ines, [shelf.claims_table], name)
    index_products([product.pk])
    return product


def list_told() -> list[dict[str, Any]]:
    return [event.data for event in Event.objects.filter(verb="find_search_results")]


def list_found_names(saved: SavedSearch) -> list[str]:
    return [found.hit.name for found in list_found_hits(SavedSearch.objects.get(pk=saved.pk))]


def test_what_there_is_already_is_remembered_and_not_told(saved: SavedSearch) -> None:
    assert saved.hits.exists()
    assert list_told() == []
    assert list_found_names(saved) == []


def test_a_new_product_is_told_once_without_its_name_or_the_searchs(
    shelf: SampleCatalog, saved: SavedSearch
) -> None:
    publish(shelf)
    assert check(saved)
    assert check(saved)
    assert list_told() == [{"people": [shelf.ana.pk], "count": 1}]
    assert list_found_names(saved) == ["Claims by Region"]
    assert get_saved_search(shelf.ana, saved.pk).new_count == 1  # type: ignore[attr-defined]


def test_a_new_table_is_told(shelf: SampleCatalog, saved: SavedSearch) -> None:
    table = factories.make_table(shelf.claims_table.database, "claims_archive", ["claim_id"])
    index_tables([table.pk])
    check(saved)
    assert list_found_names(saved) == ["claims_archive"]


def test_what_does_not_match_is_not_told(shelf: SampleCatalog, saved: SavedSearch) -> None:
    index_tables([factories.make_table(shelf.claims_table.database, "weather", ["day"]).pk])
    check(saved)
    assert list_told() == []


def test_what_the_person_no_longer_may_see_is_not_shown(shelf: SampleCatalog, saved: SavedSearch) -> None:
    product = publish(shelf)
    check(saved)
    product.is_published = False
    product.save()
    index_products([product.pk])
    assert list_found_names(saved) == []


def test_it_is_compared_when_it_is_due_and_not_before(saved: SavedSearch) -> None:
    with as_role("meshmarket_worker"):
        assert not check_alert(search_id=saved.pk, now=clock.now())
        assert not check_alert(search_id=0, now=clock.now())


def test_a_deactivated_person_is_told_nothing(shelf: SampleCatalog, saved: SavedSearch) -> None:
    shelf.ana.is_active = False
    shelf.ana.save()
    publish(shelf)
    assert not check(saved)


def test_a_filter_that_no_longer_exists_stops_the_alert_and_is_told(
    shelf: SampleCatalog, saved: SavedSearch
) -> None:
    SavedSearch.objects.filter(pk=saved.pk).update(querystring="colour=red&q=claims")
    assert check(saved)
    assert SavedSearch.objects.get(pk=saved.pk).alert == NONE
    assert Event.objects.filter(verb="stop_search_alert").count() == 1


def test_a_changed_search_begins_with_what_there_is(shelf: SampleCatalog, saved: SavedSearch) -> None:
    publish(shelf)
    change_search(acting_user=shelf.ana, search_id=saved.pk, querystring="q=card", now=clock.now())
    check(saved)
    assert list_told() == []


def test_an_alert_that_is_turned_off_is_not_compared(shelf: SampleCatalog, saved: SavedSearch) -> None:
    change_search(acting_user=shelf.ana, search_id=saved.pk, alert=NONE, now=clock.now())
    assert not check(saved)
    assert not SavedSearchHit.objects.exists()


def test_others_can_neither_read_nor_change_nor_delete_it(shelf: SampleCatalog, saved: SavedSearch) -> None:
    with pytest.raises(NotFoundError):
        get_saved_search(shelf.ines, saved.pk)
    with pytest.raises(NotFoundError):
        change_search(acting_user=shelf.ines, search_id=saved.pk, alert=NONE, now=clock.now())
    with pytest.raises(NotFoundError):
        delete_search(acting_user=shelf.ines, search_id=saved.pk, now=clock.now())


def test_a_name_that_another_search_has_is_refused(shelf: SampleCatalog, saved: SavedSearch) -> None:
    other = save_search(acting_user=shelf.ana, name="Other", querystring="q=card", now=clock.now())
    with pytest.raises(RefusedError, match="another saved search"):
        change_search(acting_user=shelf.ana, search_id=other.pk, name="Mine", now=clock.now())


def test_it_is_deleted_with_what_it_knew(shelf: SampleCatalog, saved: SavedSearch) -> None:
    delete_search(acting_user=shelf.ana, search_id=saved.pk, now=clock.now())
    assert not SavedSearchHit.objects.exists()


def test_the_database_demands_a_due_time_for_an_alert(saved: SavedSearch) -> None:
    with pytest.raises(IntegrityError):
        SavedSearch.objects.filter(pk=saved.pk).update(due_at=None)


@pytest.mark.parametrize(("alert", "days"), [(DAILY, 1), (SavedSearch.Alert.WEEKLY, 5)])
def test_daily_and_weekly_alerts_come_at_the_hour_of_digests(alert: SavedSearch.Alert, days: int) -> None:
    wednesday = datetime(2026, 11, 25, 23, 0, tzinfo=UTC)
    found = compute_next_check(alert, wednesday)
    assert found is not None
    assert (found.date() - wednesday.date()).days == days


def test_without_an_alert_there_is_no_next_time() -> None:
    assert compute_next_check(NONE, clock.now()) is None
