"""A fact that is shown in several places is the same in each of them: on pages, in the API and in mails."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation
from pytest_django import Settings

from catalog.promises import PromiseBreach
from demo.bootstrap import ROOT
from identity.people.models import Person
from kernel import clock
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.grants.end_dates import EndKind, format_end_date, get_nearest_end
from requests_app.grants.models import Grant
from requests_app.notifications.event_templates import find_event_template, translate_notification
from requests_app.notifications.mail_digests import create_mails
from requests_app.notifications.models import Notification, NotificationMail
from requests_app.review.decision_history import describe_decision_time, get_decision_time
from requests_app.statistics.periods import MIN_MEASURED
from tests import factories
from tests.bank import Bank, approve, decide_ten_times, submit_bank_item
from tests.catalog.promises.test_actions import say
from tests.database import as_role
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.product_lifecycle import deprecate, schedule
from tests.requests_app.notifications.projection import project_all_events
from workers.outbox import build_message

DAY = timedelta(days=1)


def read_page(person: Person, address: str) -> str:
    answer = make_client(person).get(address)
    assert answer.status_code == 200, address
    words = re.sub(r"<[^>]+>", " ", answer.getvalue().decode())
    return re.sub(r"\s+([.,;])", r"\1", " ".join(html.unescape(words).split()))


def start_review(bank: Bank, days: int) -> None:
    now = clock.now()
    scope = AccessReviewScope(domain=bank.domain)
    start_access_review(
        acting_user=bank.ines,
        name="Autumn",
        scope=scope,
        due_at=now + days * DAY,
        idempotency_key="c",
        now=now,
    )


def list_pages_with_the_end(bank: Bank, grant: Grant) -> list[tuple[Person, str]]:
    product = reverse("data-product", args=[bank.product.slug])
    return [
        (bank.ana, reverse("home")),
        (bank.ana, reverse("grants")),
        (bank.ana, reverse("access-request", args=[grant.item.request_id])),
        (bank.ana, reverse("grant-query", args=[grant.pk])),
        (bank.ana, product),
        (bank.ana, f"{reverse('access-request-new')}?table={bank.claims.pk}&extends={grant.pk}"),
        (bank.ines, reverse("data-product-access", args=[bank.product.slug])),
    ]


@pytest.mark.parametrize(
    ("review_days", "retirement_days", "cause"),
    [(7, None, EndKind.ACCESS_REVIEW), (None, 9, EndKind.RETIREMENT), (9, 7, EndKind.RETIREMENT), (None, None, EndKind.EXPIRY)],
)  # fmt: skip
def test_every_page_and_the_api_say_the_nearest_end(
    bank: Bank, review_days: int | None, retirement_days: int | None, cause: EndKind
) -> None:
    grant = approve(bank, submit_bank_item(bank))
    if review_days:
        start_review(bank, review_days)
    if retirement_days:
        deprecate(bank)
        schedule(bank, clock.now() + retirement_days * DAY)
    end = get_nearest_end(Grant.objects.get(pk=grant.pk))
    assert end.kind == cause
    told = make_client(bank.ana).get(f"/api/v1/grants/{grant.pk}").json()["nearest_end"]
    assert (told["kind"], told["at"][:10]) == (cause.value, f"{end.at:%Y-%m-%d}")
    own_end = {format_end_date(grant.ends_at), format_end_date(grant.ends_at, short=True)}
    said = {format_end_date(end.at), format_end_date(end.at, short=True)}
    for person, address in list_pages_with_the_end(bank, grant):
        if retirement_days and "extends=" in address:
            continue  # A deprecated product takes no requests.
        page = read_page(person, address)
        assert any(day in page for day in said), address
        assert end.note in page, address
        if cause != EndKind.EXPIRY and "access-requests" not in address:
            assert not any(day in page for day in own_end), address


def test_what_ends_soon_is_the_same_list_at_home_in_my_access_and_in_the_palette(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    assert "Extend access to" not in read_page(bank.ana, f"{reverse('palette')}?q=extend")
    deprecate(bank)
    schedule(bank, clock.now() + 3 * DAY)
    assert "Ends soon" in read_page(bank.ana, reverse("home"))
    assert "when the data product is retired" in read_page(bank.ana, f"{reverse('grants')}?show=soon")
    assert "Extend access to" in read_page(bank.ana, f"{reverse('palette')}?q=extend")


def test_who_uses_a_product_is_counted_once_and_is_not_its_popularity(bank: Bank) -> None:
    approve(bank, submit_bank_item(bank))
    other = factories.make_principal(bank.bi_account, "other")
    submit_bank_item(bank, principal=other, idempotency_key="waits")
    page = read_page(bank.ana, reverse("data-product", args=[bank.product.slug]))
    assert "Used by 1 team with 1 active grant" in page
    assert "1 active grant" in page.partition("Who has access")[2]
    assert "1 team with access to" in read_page(bank.ines, reverse("my-products"))
    assert "Teams that read it" in read_page(
        bank.ines, reverse("data-product-usage", args=[bank.product.slug])
    )


def test_the_usual_time_is_one_sentence_with_its_number_and_its_window(bank: Bank) -> None:
    decide_ten_times(bank)
    usual = describe_decision_time(get_decision_time(bank.insurance.pk))
    assert usual == "2 days (median of 10 decisions in 90 days)"
    other = factories.make_principal(bank.bi_account, "other")
    item = submit_bank_item(bank, principal=other, idempotency_key="waits")
    for person, address in (
        (bank.ana, reverse("access-request", args=[item.request_id])),
        (bank.ana, reverse("data-product", args=[bank.product.slug])),
        (bank.ana, reverse("domain", args=[bank.domain.slug])),
    ):
        assert usual in read_page(person, address), address


def test_no_usual_time_is_told_of_fewer_than_five(bank: Bank) -> None:
    for number in range(MIN_MEASURED - 1):
        role = factories.make_principal(bank.bi_account, f"role-{number}")
        approve(bank, submit_bank_item(bank, principal=role, idempotency_key=f"k-{number}"))
    assert get_decision_time(bank.insurance.pk) is None
    assert "Too few decisions in each week" in read_page(bank.ines, reverse("reviews-decided"))
    role = factories.make_principal(bank.bi_account, "last")
    approve(bank, submit_bank_item(bank, principal=role, idempotency_key="last"))
    assert get_decision_time(bank.insurance.pk) is not None
    assert "Half of the 5 decisions" in read_page(bank.ines, reverse("reviews-decided"))


def test_who_decides_and_by_when_is_said_before_and_after_sending(bank: Bank) -> None:
    first, last = sorted([bank.ines.name, bank.ivo.name])
    deciders = f"{first} or {last} decides."
    form = f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    preview = make_client(bank.ana).post(form, build_request_form(bank)).content.decode()
    assert deciders in preview
    assert "It is due within 24 hours." in preview
    item = submit_bank_item(bank)
    for address in (
        reverse("access-request", args=[item.request_id]),
        reverse("data-product", args=[bank.product.slug]),
    ):
        page = read_page(bank.ana, address)
        assert deciders in page, address
        assert "It is due in 23 hours." in page, address


def test_since_when_a_promise_is_broken_is_said_alike_and_in_mail(bank: Bank, settings: Settings) -> None:
    settings.MAIL_IS_SENT = True
    began_at = clock.now() - 2 * DAY
    breach = say(bank, since=began_at)
    assert breach is not None
    assert PromiseBreach.objects.get().began_at == began_at
    since = f"{began_at.day} {began_at:%b %Y, %H:%M}"
    assert f"since {since}" in read_page(bank.ana, reverse("data-product", args=[bank.product.slug]))
    assert f"since {since}" in read_page(bank.ines, reverse("home"))
    assert since in read_page(bank.ana, reverse("data-product-quality", args=[bank.product.slug]))
    told = make_client(bank.ana).get(f"/api/v1/data-products/{bank.product.slug}").json()["broken_promises"]
    assert told[0]["began_at"][:16] == f"{began_at:%Y-%m-%dT%H:%M}"
    project_all_events()
    notification = Notification.objects.filter(event__verb="break_promise").first()
    assert notification is not None
    assert f"since {began_at:%Y-%m-%d %H:%M} UTC" in notification.text


@pytest.mark.parametrize(("language", "beginning"), [("de", "Guten Tag "), ("", "Hello ")])
def test_a_mail_and_a_notification_are_in_the_readers_language(
    bank: Bank, settings: Settings, language: str, beginning: str
) -> None:
    settings.MAIL_IS_SENT = True
    Person.objects.filter(pk=bank.ines.pk).update(language=language)
    submit_bank_item(bank)
    project_all_events()
    with as_role("meshmarket_worker"):
        create_mails(now=clock.now())
    message = build_message(NotificationMail.objects.get(person=bank.ines))
    text = str(message.body)
    assert text.startswith(beginning)
    assert ("beantragt" in text) is (language == "de")
    assert str(message.alternatives[0][0]).count(f'<html lang="{language or "en"}') == 1
    page = read_page(Person.objects.get(pk=bank.ines.pk), reverse("notifications"))
    assert (" requests " in page) is (language != "de")


def test_a_text_of_an_earlier_template_is_shown_as_it_was_stored() -> None:
    with translation.override("de"):
        assert (
            translate_notification("approve_item", "It was said otherwise once.")
            == "It was said otherwise once."
        )
        assert translate_notification("no_such_verb", "It happened.") == "It happened."
    assert find_event_template("approve_item")


def test_classes_of_data_have_hues_that_no_state_has() -> None:
    css = "\n".join(path.read_text() for path in sorted((ROOT / "static/css").glob("*.css")))
    rules = re.findall(r"([^{}]*(?:\.|-)(?:public|private|sensitive)\b[^{}]*)\{([^{}]*)\}", css)
    assert rules
    states = re.compile(r"var\(--(?:blue|green|amber|red)(?:-soft)?\)")
    assert [selector.strip() for selector, body in rules if states.search(body)] == []
