"""When a grant was last used: told by a trail, in words that say no more than it does."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from catalog.usage.models import LastUse, Trail, TrailReading
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.scope import AccessReviewScope, list_scope_grants
from requests_app.grants.models import Grant
from requests_app.grants.usage import GrantLastUse, describe_last_use, get_last_uses
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import as_operator, as_role
from tests.engine_readings import observe_permission
from tests.portal.conftest import make_client
from tests.requests_app.lf_tags_request import assign_tags, submit_by_lf_tags

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank), now=NOW - 100 * DAY)


def store_trail_reading(bank: Bank, since: datetime, until: datetime) -> None:
    with as_operator():
        trail = Trail.objects.create(catalog=bank.catalog, bucket="logs-of-harbour")
    with as_role("meshmarket_worker"):
        TrailReading.objects.create(
            trail=trail, place=trail.source, since=since, until=until, position=until, looked_at=until
        )


def store_use(bank: Bank, at: datetime, table: str = "claims") -> None:
    with as_role("meshmarket_worker"):
        LastUse.objects.create(
            catalog=bank.catalog, reader=bank.role.unique_id, account=bank.bi_account.account_id,
            database=bank.claims.database.name, table=table, at=at,
        )  # fmt: skip


def describe_use(grant: Grant, now: datetime = NOW) -> str:
    return describe_last_use(get_last_uses([grant])[grant.pk], now)


def test_without_a_trail_nothing_is_known(bank: Bank, grant: Grant) -> None:
    assert describe_use(grant) == "last use not known: CloudTrail is not read"
    with as_operator():
        Trail.objects.create(catalog=bank.catalog, bucket="logs-of-harbour")
    assert describe_use(grant) == "last use not known: CloudTrail is not read"


def test_lack_of_use_is_told_for_as_long_as_the_trail_tells(bank: Bank, grant: Grant) -> None:
    store_trail_reading(bank, NOW - 10 * DAY, NOW)
    assert get_last_uses([grant])[grant.pk] == GrantLastUse(None, NOW - 10 * DAY, NOW, has_trail=True)
    assert describe_use(grant) == (
        f"not used since {format_moment(NOW - 10 * DAY)}; earlier use is not known"
    )
    late = f"not used between {format_moment(NOW - 10 * DAY)} and {format_moment(NOW)}; use before and after is not known"
    assert describe_use(grant, NOW + DAY) == late


def test_what_was_never_used_is_told_from_what_is_not_known(bank: Bank, grant: Grant) -> None:
    read_at = datetime.now(UTC)
    store_trail_reading(bank, NOW - 200 * DAY, read_at)
    assert describe_use(grant) == "not used since it was granted"
    assert (
        describe_use(grant, NOW + DAY)
        == f"not used from the start of the grant until {format_moment(read_at)}; not known after"
    )
    page = make_client(bank.ana).get(reverse("grants")).content.decode()
    assert "not used since it was granted" in page
    shown = make_client(bank.ana).get(f"/api/v1/grants/{grant.pk}").json()["last_used"]
    assert (shown["used_at"], shown["is_never"]) == (None, True)
    with as_role("meshmarket_worker"):
        TrailReading.objects.update(since=NOW - 99 * DAY)
    assert make_client(bank.ana).get(f"/api/v1/grants/{grant.pk}").json()["last_used"]["is_never"] is False


def format_moment(at: datetime) -> str:
    return date_format(localtime(at), "j M Y, H:i")


def test_of_a_grant_that_began_after_the_last_file_nothing_is_told(bank: Bank, grant: Grant) -> None:
    store_trail_reading(bank, NOW - 200 * DAY, NOW - 150 * DAY)
    assert describe_use(grant) == "last use not known: no CloudTrail data yet"


def test_what_another_table_or_an_earlier_time_saw_is_no_use(bank: Bank, grant: Grant) -> None:
    store_trail_reading(bank, NOW - 200 * DAY, NOW)
    store_use(bank, NOW - 5 * DAY, table="another")
    assert describe_use(grant) == "not used since it was granted"
    store_use(bank, NOW - 120 * DAY)
    assert describe_use(grant) == "not used since it was granted"
    with as_role("meshmarket_worker"):
        LastUse.objects.filter(table="claims").update(at=NOW - 3 * DAY)
    assert describe_use(grant).startswith("used ")


def test_a_use_of_a_table_that_lf_tags_reached_is_one_of_their_grant(bank: Bank) -> None:
    policies = factories.make_table(bank.claims.database, "policies")
    for table in (bank.claims, policies):
        assign_tags(table, {"tier": "gold"})
    grant = approve(bank, submit_by_lf_tags(bank), now=NOW - 100 * DAY)
    store_use(bank, NOW - 2 * DAY, table="another")
    assert get_last_uses([grant])[grant.pk].used_at is None
    store_use(bank, NOW - DAY, table="policies")
    assert get_last_uses([grant])[grant.pk].used_at == NOW - DAY


def test_it_shows_wherever_a_grant_is_looked_at(bank: Bank, grant: Grant) -> None:
    store_trail_reading(bank, NOW - 200 * DAY, NOW)
    store_use(bank, NOW - 3 * DAY)
    observe_permission(bank.claims, bank.role.arn, "claim_id")
    day = f"used {NOW - 3 * DAY:%-d %b %Y}"
    pages = {
        reverse("grants"): bank.ana,
        reverse("data-product-access", args=[bank.product.slug]): bank.ines,
        reverse("grant-revoke", args=[grant.pk]): bank.ines,
        f"{reverse('permissions')}?catalog={bank.catalog.short_name}": bank.ines,
    }
    for address, person in pages.items():
        page = make_client(person).get(address)
        assert day.lower() in page.content.decode().lower(), address
    for address in ("/api/v1/grants", f"/api/v1/grants/{grant.pk}"):
        found = make_client(bank.ana).get(address).json()
        shown = found["results"][0] if "results" in found else found
        assert shown["last_used"]["used_at"].startswith(f"{NOW - 3 * DAY:%Y-%m-%d}")


def test_a_campaign_asks_about_what_nobody_used(bank: Bank, grant: Grant) -> None:
    now, scope = clock.now(), AccessReviewScope(domain=bank.domain, unused_days=90)
    assert not list_scope_grants(scope, now).exists()
    store_trail_reading(bank, now - 95 * DAY, now)
    assert list(list_scope_grants(scope, now)) == [grant]
    said = {"acting_user": bank.ines, "name": "Unused", "due_at": now + 14 * DAY, "now": now}
    access_review = start_access_review(**said, scope=scope, idempotency_key="k")  # type: ignore[arg-type]
    assert access_review.unused_days == 90
    assert start_access_review(**said, scope=scope, idempotency_key="k") == access_review  # type: ignore[arg-type]
    page = make_client(bank.ines).get(reverse("access-review", args=[access_review.pk])).content.decode()
    assert "not used for 90 days" in page
    wrong = AccessReviewScope(unused_days=0, domain=bank.domain)
    with pytest.raises(RefusedError, match="days"):
        start_access_review(**said, scope=wrong, idempotency_key="k2")  # type: ignore[arg-type]
    store_use(bank, now - DAY)
    assert not list_scope_grants(scope, now).exists()
