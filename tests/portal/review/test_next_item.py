"""The way from one review to the next: previous and next in the inbox, and what follows a decision."""

from django.test import Client
from django.urls import reverse

from portal.pages.inbox_query import build_progress_url
from requests_app.access_requests.models import RequestItem
from requests_app.review.inbox.queries import InboxOrder, InboxQuery
from tests import factories
from tests.bank import Bank, submit_bank_request
from tests.portal.conftest import make_client


def submit_items(bank: Bank, count: int) -> list[RequestItem]:
    """In the order of the inbox: equal risk, the oldest first."""
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(count)]
    return [
        submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get() for role in roles
    ]


def get_review_url(item: RequestItem, query: str = "") -> str:
    return reverse("review", args=[item.pk]) + query


def decide(client: Client, url: str, answer: str) -> str:
    """Where the decision leads."""
    shown = client.get(url).context["review"].effects_hash
    return client.post(url, {"answer": answer, "effects_hash": shown, "comment": "As agreed."})["Location"]


def test_a_review_links_the_items_before_and_after_it(bank: Bank) -> None:
    first, second, third = submit_items(bank, 3)
    ines = make_client(bank.ines)
    links = [ines.get(get_review_url(item)).context["review_links"] for item in (first, second, third)]
    assert [(link.previous_url, link.next_url) for link in links] == [
        ("", get_review_url(second)),
        (get_review_url(first), get_review_url(third)),
        (get_review_url(second), ""),
    ]


def test_the_order_and_filters_of_the_inbox_are_kept(bank: Bank) -> None:
    first, second = submit_items(bank, 2)
    ines, newest = make_client(bank.ines), "?order=newest"
    assert get_review_url(first, newest) in ines.get(f"/reviews/{newest}").content.decode()
    assert ines.get(get_review_url(second, newest)).context["review_links"].next_url == get_review_url(
        first, newest
    )
    assert not ines.get(get_review_url(second, "?team=nobody")).context["review_links"].previous_url


def test_a_rejection_leads_to_the_next_item_and_the_last_one_to_the_inbox(bank: Bank) -> None:
    first, second = submit_items(bank, 2)
    ines = make_client(bank.ines)
    assert decide(ines, get_review_url(second), "reject") == get_review_url(first)
    assert decide(ines, get_review_url(first), "reject") == reverse("reviews")


def test_an_approval_leads_to_the_next_item_and_links_its_progress(bank: Bank) -> None:
    first, second = submit_items(bank, 2)
    ines = make_client(bank.ines)
    following = decide(ines, get_review_url(first, "?order=oldest"), "approve")
    assert following == get_review_url(second, "?order=oldest")
    progress = build_progress_url(first, InboxQuery(order=InboxOrder.OLDEST))
    page = ines.get(following)
    assert f'href="{progress.replace("&", "&amp;")}"' in page.content.decode()
    assert page.context["frame"].crumb.name == "reviews"
    assert ines.get(progress).context["next_review"].url == get_review_url(second, "?order=oldest")
    assert decide(ines, following, "approve") == reverse("reviews") + "?order=oldest"


def test_only_whoever_decided_is_led_on(bank: Bank) -> None:
    first, second = submit_items(bank, 2)
    decide(make_client(bank.ines), get_review_url(first), "approve")
    progress = build_progress_url(first, InboxQuery())
    assert make_client(bank.ana).get(progress).context["next_review"] is None
    other = reverse("access-request", args=[second.request_id]) + f"?reviewed={first.pk}"
    assert make_client(bank.ines).get(other).context["next_review"] is None


def test_the_review_explains_the_risk_and_who_is_behind_the_role(bank: Bank) -> None:
    (item,) = submit_items(bank, 1)
    page = make_client(bank.ines).get(get_review_url(item)).content.decode()
    assert "Low risk:" in page
    assert f"{bank.bi_account.name} is an account of" in page
