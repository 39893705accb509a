"""Sending back for a change, answering by one, and words on an item."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit import clock
from audit.models import Event
from identity.errors import RefusedError
from identity.people.models import Person
from requests_app.access_requests.models import Change, Item, Remark
from requests_app.access_requests.states import ItemState
from requests_app.review.comments import comment_on_item, return_item
from requests_app.review.queries import list_inbox
from requests_app.review.timeline import build_item_timeline
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, asked_item


def send_back(bank: Bank, item: Item, words: str = "Is the amount needed?", key: str = "k") -> Remark:
    return return_item(acting_user=bank.ines, item_id=item.pk, comment=words, key=key, now=clock.now())


def answer(bank: Bank, item: Item, comment: str = "", **changes: Any) -> Item:
    values = {"columns": tuple(item.columns), "whole_table": False, "product_id": None}
    ends_at = changes.pop("ends_at", item.ends_at)
    return resubmit_item(
        acting_user=bank.ana,
        item_id=item.pk,
        ask=RequestedItem(item.table_id, **values | changes),  # type: ignore[arg-type]
        ends_at=ends_at,
        comment=comment,
        now=clock.now(),
    )


def write(item: Item, by: Person, words: str, key: str = "k") -> Remark:
    return comment_on_item(acting_user=by, item_id=item.pk, comment=words, key=key, now=clock.now())


def test_what_is_sent_back_leaves_the_inbox_and_comes_back_changed(bank: Bank) -> None:
    item = asked_item(bank)
    remark = send_back(bank, item)
    assert (remark.kind, remark.event.verb) == ("return", "return_item")
    assert not list_inbox(bank.ines).exists()
    assert answer(bank, item, columns=("claim_id",)).state == ItemState.SUBMITTED
    assert list_inbox(bank.ines).get().columns == ["claim_id"]
    change = Change.objects.get()
    assert (change.made_by, change.before["columns"]) == (bank.ana, ["claim_id", "amount"])
    assert change.event.data["after"]["columns"] == ["claim_id"]


def test_the_changed_ask_is_what_is_approved_by_the_same_person(bank: Bank) -> None:
    item = asked_item(bank)
    send_back(bank, item)
    answer(bank, item, ends_at=factories.days_from_now(5))
    grant = approve(bank, Item.objects.get(pk=item.pk))
    assert grant.ends_at == grant.item.ends_at < item.ends_at


def test_it_may_stand_as_it_is_if_one_says_why(bank: Bank) -> None:
    item = asked_item(bank)
    send_back(bank, item)
    with pytest.raises(RefusedError, match="You have changed nothing"):
        answer(bank, item)
    assert answer(bank, item, "The report adds it up.").state == ItemState.SUBMITTED
    assert "The report adds it up." in [moment.detail for moment in build_item_timeline(item)]


def test_a_change_is_checked_like_an_ask(bank: Bank) -> None:
    item = asked_item(bank)
    send_back(bank, item)
    with pytest.raises(RefusedError, match="has no column nowhere"):
        answer(bank, item, columns=("nowhere",))
    with pytest.raises(RefusedError, match="is in the past"):
        answer(bank, item, ends_at=clock.now())
    assert not Change.objects.exists()


def test_sending_back_needs_words_and_is_done_once(bank: Bank) -> None:
    item = asked_item(bank)
    with pytest.raises(RefusedError, match="Enter a comment"):
        send_back(bank, item, " ")
    assert send_back(bank, item) == send_back(bank, item)
    assert Event.objects.filter(verb="return_item").count() == 1


def test_a_comment_sent_twice_is_one_and_a_key_is_not_taken_over(bank: Bank) -> None:
    item = asked_item(bank)
    assert write(item, bank.ana, "It is for the board.") == write(item, bank.ana, " It is for the board. ")
    with pytest.raises(RefusedError, match="already sent"):
        write(item, bank.ana, "Something else")
    assert write(item, bank.ines, "Thank you.").event.verb == "comment_on_item"
    assert Remark.objects.count() == 2


def test_the_timeline_tells_the_talk_in_order(bank: Bank) -> None:
    item = asked_item(bank)
    write(item, bank.ana, "It is for the board.")
    send_back(bank, item)
    answer(bank, item, columns=("claim_id",))
    assert [moment.text for moment in build_item_timeline(Item.objects.get(pk=item.pk))] == [
        "Ana Keller requested 2 columns of insurance_gold.claims",
        "Ana Keller commented",
        "Ines Roth asked for a change",
        "Ana Keller changed the request",
    ]


@pytest.mark.parametrize("rows", [Remark, Change])
def test_what_was_said_is_never_changed(bank: Bank, rows: type[Remark] | type[Change]) -> None:
    item = asked_item(bank)
    send_back(bank, item)
    answer(bank, item, columns=("claim_id",))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.objects.update(event=None)
