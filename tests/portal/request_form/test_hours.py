"""Access for hours: as many as its requester chooses of an offer's, and as its decider leaves."""

from datetime import timedelta

import pytest
from django.urls import reverse

from catalog.products.offers.models import OfferVersion
from requests_app.access_requests.models import RequestItem
from requests_app.grants.models import Grant
from requests_app.review.comments import request_changes
from tests import factories
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.offers import publish_draft
from tests.portal.api.calls import send
from tests.portal.conftest import make_client
from tests.portal.offers.test_pages import get_request_address
from tests.portal.request_form.test_pages import build_request_form

HOUR = timedelta(hours=1)


@pytest.fixture
def offer(bank: Bank) -> OfferVersion:
    return publish_draft(bank, longest_hours=8, terms="")


def get_hours(item: RequestItem) -> float:
    return (item.ends_at - item.request.submitted_at) / HOUR


def build_hours_form(bank: Bank, offer: OfferVersion, hours: str) -> dict[str, object]:
    said = build_request_form(bank, offer=offer.pk, use="query", hours=hours)
    return {name: value for name, value in said.items() if name != "ends_on"}


def test_the_form_asks_for_hours_up_to_the_offers(bank: Bank, offer: OfferVersion) -> None:
    page = make_client(bank.ana).get(get_request_address(bank, offer)).content.decode()
    assert 'name="hours" type="number" inputmode="numeric" required min="1" max="8" value="8"' in page
    assert 'name="ends_on"' not in page
    assert (
        'name="hours"'
        not in make_client(bank.ana)
        .get(f"{reverse('access-request-new')}?table={bank.claims.pk}")
        .content.decode()
    )


@pytest.mark.parametrize("hours", [1, 3, 8])
def test_as_many_hours_are_asked_for_as_are_chosen(bank: Bank, offer: OfferVersion, hours: int) -> None:
    assert (
        make_client(bank.ana)
        .post(get_request_address(bank, offer), build_hours_form(bank, offer, str(hours)))
        .status_code
        == 302
    )
    assert get_hours(RequestItem.objects.get()) == pytest.approx(hours, abs=0.01)


@pytest.mark.parametrize(
    ("hours", "said"),
    [("9", "allows at most 8 hours"), ("0", "at least 1"), ("-3", "at least 1"), ("x", "at least 1"),
     ("9" * 30, "at least 1"), ("1.5", "at least 1"), ("", "at least 1")],
)  # fmt: skip
def test_other_hours_are_refused_in_place(bank: Bank, offer: OfferVersion, hours: str, said: str) -> None:
    answer = make_client(bank.ana).post(
        get_request_address(bank, offer), build_hours_form(bank, offer, hours)
    )
    page = answer.content.decode()
    assert (answer.status_code, RequestItem.objects.count()) == (422, 0)
    assert said in page
    ahead = make_client(bank.ana).post(
        f"{reverse('access-request-preview')}?table={bank.claims.pk}", build_hours_form(bank, offer, hours)
    )
    assert ahead.status_code == 200


def test_a_database_under_an_offer_by_the_hour_is_asked_for_by_the_hour(bank: Bank) -> None:
    offer = publish_draft(
        bank, longest_hours=8, terms="", scope="database", tables=(), database=bank.claims.database_id,
        future_columns=True, highest_class="sensitive",
    )  # fmt: skip
    ana, address = (
        make_client(bank.ana),
        f"{reverse('access-request-new')}?database={bank.claims.database_id}&offer={offer.pk}",
    )
    page = ana.get(address)
    assert 'max="8" value="8"' in page.content.decode()
    said = build_hours_form(bank, offer, "2") | {
        "later": "tables",
        "members_hash": page.context["target"].members_hash,
    }
    assert ana.post(address, said).status_code == 302
    assert get_hours(RequestItem.objects.get()) == pytest.approx(2, abs=0.01)


def test_a_basket_says_that_it_is_sent_for_the_offers_hours(bank: Bank, offer: OfferVersion) -> None:
    said = build_hours_form(bank, offer, "2") | {"do": "basket"}
    page = make_client(bank.ana).post(get_request_address(bank, offer), said, follow=True).content.decode()
    assert "an offer by the hour always gets its full duration." in page


def test_who_decides_gives_hours_from_the_decision_on(bank: Bank) -> None:
    item, ines = submit_bank_item(bank), make_client(bank.ines)
    less = {"columns": item.columns, "hours": "4"}
    address = reverse("review", args=[item.pk])
    shown = ines.get(address, less)
    assert "Approve all 2 columns for 4 hours" in shown.content.decode()
    effects = shown.context["review"].effects_hash
    rules = shown.context["review"].policy_summary.policy_hash
    said = less | {"answer": "approve", "effects_hash": effects, "rules_hash": rules, "comment": ""}
    assert ines.post(address, said).status_code == 302
    grant = Grant.objects.get()
    assert (grant.ends_at - grant.item.decisions.get().decided_at) / HOUR == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize("hours", ["0", "x", "9" * 9, str(24 * 31)])
def test_hours_beyond_what_was_asked_are_refused(bank: Bank, hours: str) -> None:
    item = submit_bank_item(bank)
    less = {"less": "1", "columns": item.columns, "hours": hours}
    page = make_client(bank.ines).get(reverse("review", args=[item.pk]), less).content.decode()
    assert 'id="less-hours-error"' in page


def test_what_came_back_is_asked_for_fewer_hours(bank: Bank, offer: OfferVersion) -> None:
    ana = make_client(bank.ana)
    ana.post(get_request_address(bank, offer), build_hours_form(bank, offer, "8"))
    item = RequestItem.objects.get()
    request_changes(
        acting_user=bank.ines,
        item_id=item.pk,
        comment="Two hours will do.",
        idempotency_key="k",
        now=item.state_changed_at,
    )
    address = reverse("request-item-resubmit", args=[item.pk])
    assert 'name="hours"' in ana.get(address).content.decode()
    said = {"extent": "columns", "columns": item.columns, "ends_on": f"{item.ends_at:%Y-%m-%d}", "hours": "2"}
    assert ana.post(address, said | {"hours": "9"}).status_code == 422
    assert ana.post(address, said).status_code == 302
    item.refresh_from_db()
    assert get_hours(item) == pytest.approx(2, abs=0.01)


def test_the_api_gives_hours_from_the_decision_on(bank: Bank) -> None:
    item, ines = submit_bank_request(bank).items.get(), make_client(bank.ines)
    less = {"duration": "PT4H"}
    seen = send(ines, f"reviews/{item.pk}/preview", less).json()
    said = {"outcome": "approve", "effects_hash": seen["effects_hash"], **less}
    done = send(ines, f"reviews/{item.pk}/decisions", said)
    assert done.status_code == 201, done.json()
    assert Grant.objects.get().ends_at < factories.days_from_now(1)
