"""New notifications and items stand out until they were opened."""

from django.urls import reverse

from requests_app.notifications.models import Notification
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, submit_bank_item, submit_bank_request
from tests.html import squeeze
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import project_all_events


def list_unread(bank: Bank) -> list[bool]:
    rows = make_client(bank.ines).get(reverse("reviews")).context["inbox_list"].rows
    return [row.is_unread for row in rows]


def test_an_item_stands_out_in_the_inbox_until_its_review_is_opened(bank: Bank) -> None:
    item = submit_bank_item(bank)
    project_all_events()
    ines, review = make_client(bank.ines), reverse("review", args=[item.pk])
    page = ines.get(reverse("reviews")).content.decode()
    assert ('<li class="inbox-row is-unread' in page, "(new)" in squeeze(page)) == (True, True)
    assert '<span class="count">1<span class="visually-hidden"> new' not in ines.get(review).content.decode()
    page = ines.get(reverse("reviews")).content.decode()
    assert ('<li class="inbox-row is-read' in page, "(new)" in squeeze(page)) == (True, False)
    assert Notification.objects.filter(person=bank.ivo, channel="portal", read_at=None).count() == 1


def test_all_items_of_one_request_stand_out_until_one_is_opened(bank: Bank) -> None:
    tables = [bank.claims, factories.make_table(bank.claims.database, "policies")]
    items = [RequestedItem(table.pk, ("claim_id",), whole_table=False, product_id=None) for table in tables]
    request = submit_bank_request(bank, items=items)
    project_all_events()
    assert list_unread(bank) == [True, True]
    make_client(bank.ines).get(reverse("review", args=[request.items.latest("pk").pk]))
    assert list_unread(bank) == [False, False]


def test_a_read_notification_is_quieter_than_a_new_one(bank: Bank) -> None:
    submit_bank_item(bank)
    project_all_events()
    ines, notifications = make_client(bank.ines), reverse("notifications")
    assert '<li class="is-unread">' in ines.get(notifications).content.decode()
    ines.get(reverse("notification", args=[Notification.objects.get(person=bank.ines, channel="portal").pk]))
    assert '<li class="is-read">' in ines.get(notifications).content.decode()
