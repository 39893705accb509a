"""How many teams use what: by live grants, and by what was asked for lately."""

from datetime import timedelta

import pytest

from catalog.products.models import ProductTable
from catalog.search.index.models import Document
from catalog.search.query import SearchQuery
from catalog.search.search import search
from kernel import clock
from requests_app.grants.actions import revoke_grant
from requests_app.grants.usage import USAGE_WINDOW, count_uses
from requests_app.submission.actions import withdraw_item
from tests import factories
from tests.bank import Bank, approve, submit_bank_item, submit_bank_request

pytestmark = pytest.mark.django_db


def get_team_counts(bank: Bank) -> tuple[int, int]:
    """Of the product and of its table."""
    found = dict(Document.objects.values_list("pk", "teams"))
    return found[-bank.product.pk], found[bank.claims.pk]


def test_a_team_that_asked_uses_product_and_table_once(bank: Bank) -> None:
    submit_bank_request(bank)
    submit_bank_request(
        bank, idempotency_key="another", principal=factories.make_principal(bank.bi_account, "other")
    )

    assert count_uses(clock.now()) == 2
    assert get_team_counts(bank) == (1, 1)
    assert count_uses(clock.now()) == 0


def test_what_was_withdrawn_or_asked_long_ago_does_not_count(bank: Bank) -> None:
    item = submit_bank_item(bank)
    count_uses(clock.now() + USAGE_WINDOW + timedelta(days=1))
    assert get_team_counts(bank) == (0, 0)

    withdraw_item(acting_user=bank.ana, item_id=item.pk, now=clock.now())
    count_uses(clock.now())
    assert get_team_counts(bank) == (0, 0)


def test_a_live_grant_counts_until_it_ends(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, ends_at=factories.days_from_now(200)))
    much_later = clock.now() + USAGE_WINDOW + timedelta(days=1)
    count_uses(much_later)
    assert get_team_counts(bank) == (1, 1)

    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Over.", now=clock.now())
    count_uses(much_later)
    assert get_team_counts(bank) == (0, 0)


def test_a_product_is_used_by_who_uses_a_table_of_it(bank: Bank) -> None:
    other = factories.make_product(bank.domain, bank.ines, [], "Other")
    ProductTable.objects.create(product=other, table=bank.claims)
    submit_bank_request(bank)

    count_uses(clock.now())

    assert Document.objects.get(pk=-other.pk).teams == 1


def test_the_search_sorts_counts_and_filters_by_it(bank: Bank) -> None:
    factories.make_product(bank.domain, bank.ines, [], "Aardvarks")
    submit_bank_request(bank)
    count_uses(clock.now())

    def found(querystring: str) -> list[tuple[str, int]]:
        hits = search(SearchQuery.parse(querystring), person=bank.ana).hits
        return [(hit.name, hit.teams) for hit in hits if hit.kind == "product"]

    assert found("sort=popular") == [("Claims", 1), ("Aardvarks", 0)]
    assert found("used=1") == found("q=used:1") == [("Claims", 1)]
    assert found("used=3&used=1") == [("Claims", 1)]
    assert found("used=3") == found("q=used:2") == []
    assert found("q=-used:1") == [("Aardvarks", 0)]
    for querystring in ("", "q=-used:9", "used=3"):
        result = search(SearchQuery.parse(querystring), person=bank.ana)
        (used,) = [facet for facet in result.facets if facet.name == "used"]
        assert [(each.value, each.count) for each in used.values if each.count] == [("1", 1)]
