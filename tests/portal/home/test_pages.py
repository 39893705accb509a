"""The home page shows what waits for a person, their access, what ends soon and what is new to them."""

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from catalog.search.query import SearchQuery
from catalog.search.saved_searches import record_search
from identity.people.models import Person, PlatformRole
from kernel import clock
from portal.home.homes import Job, combine_homes
from requests_app.review.comments import request_changes
from tests import factories
from tests.bank import Bank, approve, make_owner_developer, submit_bank_item
from tests.freshness import promise, read_claims
from tests.portal.conftest import make_client
from tests.role_changes import make_governor
from tests.write_access import make_sample_write_requests


def read_home(person: Person) -> str:
    return make_client(person).get(reverse("home")).content.decode()


def test_who_comes_first_is_told_how_it_works(bank: Bank) -> None:
    page = read_home(bank.sam)
    assert "Get started" in page
    assert f'href="/data-products/{bank.product.slug}/"' in page
    assert "Your access</h2>" not in page


def test_a_requester_sees_what_waits_and_then_what_they_have(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert f'href="/access-requests/{item.request_id}/"' in read_home(bank.ana)
    approve(bank, item)
    page = read_home(bank.ana)
    assert "Your access</h2>" in page
    assert "Get started" not in page


def test_what_ends_soon_can_be_extended_from_there(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank, ends_at=factories.days_from_now(3)))
    address = f"/access-requests/new/?table={grant.table_id}&amp;extends={grant.pk}"
    assert f'href="{address}"' in read_home(bank.ana)
    assert address not in read_home(bank.ines)


def test_a_data_owner_sees_what_waits_for_their_decision(bank: Bank) -> None:
    item = submit_bank_item(bank)
    page = read_home(bank.ines)
    assert "Nothing waits for your decision" not in page
    assert page.count(f'href="/reviews/{item.pk}/"') == 2  # the item, and "Review the first"
    assert "Waiting for you</h2>" not in read_home(bank.ana)


def test_a_returned_request_waits_for_its_requesters_answer(bank: Bank) -> None:
    item = submit_bank_item(bank)
    request_changes(
        acting_user=bank.ines, item_id=item.pk, comment="Which months?", idempotency_key="1", now=clock.now()
    )
    page = read_home(bank.ana)
    assert "Waiting for you</h2>" in page
    assert f'<a class="btn primary small" href="/access-requests/{item.request_id}/">Answer' in page
    assert f"/access-requests/{item.request_id}/" not in read_home(bank.sam)


def test_recent_searches_are_one_click_away_and_nobody_elses(bank: Bank) -> None:
    record_search(bank.ana, SearchQuery.from_parameters({"q": ["zebra claims"]}), found=1)
    assert 'href="/search/?q=zebra+claims"' in read_home(bank.ana)
    assert "zebra" not in read_home(bank.sam)


def test_products_that_nobody_published_are_not_told(bank: Bank) -> None:
    bank.product.is_published = False
    bank.product.save()
    assert f"/data-products/{bank.product.slug}/" not in read_home(bank.sam)


def test_governors_see_what_needs_attention(bank: Bank) -> None:
    assert "Needs attention" in read_home(make_governor())
    assert "Needs attention" not in read_home(bank.ines)


def test_an_owner_sees_their_products_with_the_next_step_of_each(bank: Bank) -> None:
    page = read_home(bank.ines)
    assert "Your products</h2>" in page
    assert "Time to your decision" in page
    break_freshness(bank)
    page = read_home(bank.ines)
    assert "Mend a promise" in page
    assert "Broken promises</h2>" in page
    assert "Broken promises</h2>" not in read_home(bank.sam)


def test_whoever_uses_or_follows_a_product_sees_that_it_breaks_a_promise(bank: Bank) -> None:
    break_freshness(bank)
    assert "Broken promises</h2>" not in read_home(bank.ana)
    approve(bank, submit_bank_item(bank))
    assert "Broken promises</h2>" in read_home(bank.ana)
    assert "your product" not in read_home(bank.ana)


def test_ones_own_products_are_no_news(bank: Bank) -> None:
    address = f'<a class="name" data-row dir="auto" href="/data-products/{bank.product.slug}/">'
    assert "New data products" in read_home(bank.ines)
    news = read_home(bank.ines).partition('id="new-products"')[2]
    assert address not in news
    assert address in read_home(bank.sam).partition('id="new-products"')[2]


def test_each_job_has_a_figure_and_the_panels_of_its_own(bank: Bank) -> None:
    factories.make_product(bank.domain, bank.ines, [], name="Policy Journey")
    for person, texts in {
        make_owner_developer(bank): ("Waiting for you</h2>", "Your products</h2>", "Reads of your products"),
        make_steward(): ("Waiting for you</h2>", "Left to classify"),
        make_privacy_officer(): ("Waiting for you</h2>", "Time to your decision"),
        factories.make_auditor(): ("Drift from what was decided", "New data products"),
        bank.greta: ("Waiting for you</h2>", "Active access in the mesh"),
    }.items():
        page = read_home(person)
        assert [text for text in texts if text not in page] == []


def test_what_one_requested_and_others_decide_is_listed(bank: Bank) -> None:
    assert "Sent by you, others decide" not in read_home(bank.ines)
    waiting = make_sample_write_requests(bank)["write_request"]
    page = read_home(bank.ines).partition("Sent by you, others decide")[2]
    assert f'href="/write-requests/{waiting}/"' in page
    assert "Sent by you, others decide" not in read_home(bank.ivo)


def test_a_home_has_the_panels_of_all_jobs_each_once() -> None:
    names = [panel.name for panel in combine_homes([Job.OWNER, Job.DEVELOPER, Job.CONSUMER]).main]
    assert names == ["waiting", "products", "sent", "access", "notifications"]
    aside = [panel.name for panel in combine_homes([Job.OWNER, Job.CONSUMER]).aside]
    assert aside.count("figure") == 1
    assert aside[-1] == "new_products"


def test_the_number_of_queries_does_not_depend_on_how_much_there_is(bank: Bank) -> None:
    submit_bank_item(bank)
    few = count_queries(bank.ines)
    for name in ("role-a", "role-b", "role-c"):
        submit_bank_item(
            bank, principal=factories.make_principal(bank.bi_account, name), idempotency_key=name
        )
    assert count_queries(bank.ines) <= few


def make_steward() -> Person:
    person = factories.make_person("Ruth Steiner")
    factories.give_platform_role(person, PlatformRole.Role.STEWARD)
    return person


def make_privacy_officer() -> Person:
    person = factories.make_person("Petra Prior")
    factories.give_platform_role(person, PlatformRole.Role.PRIVACY)
    return person


def break_freshness(bank: Bank) -> None:
    promise(bank, 1)
    read_claims(bank, 5)


def count_queries(person: Person) -> int:
    with CaptureQueriesContext(connection) as queries:
        read_home(person)
    return len(queries)
