"""Sending back for a change, answering by one, and words on an item."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from audit.models import Event
from identity.people.models import Person
from kernel import clock
from kernel.errors import RefusedError
from requests_app.access_requests.models import Comment, ItemChange, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.review.comments import comment_on_item, request_changes
from requests_app.review.queries import list_inbox
from requests_app.review.timeline import build_item_timeline
from requests_app.submission.changes import resubmit_item
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item


def return_sample_item(
    bank: Bank, item: RequestItem, words: str = "Is the amount needed?", key: str = "k"
) -> Comment:
    return request_changes(
        acting_user=bank.ines, item_id=item.pk, comment=words, idempotency_key=key, now=clock.now()
    )


def resubmit(bank: Bank, item: RequestItem, comment: str = "", **changes: Any) -> RequestItem:
    values = {"columns": tuple(item.columns), "whole_table": False, "product_id": None}
    ends_at = changes.pop("ends_at", item.ends_at)
    return resubmit_item(
        acting_user=bank.ana,
        item_id=item.pk,
        requested_item=RequestedItem(item.table_id, **values | changes),  # type: ignore[arg-type]
        ends_at=ends_at,
        comment=comment,
        now=clock.now(),
    )


def write_comment(item: RequestItem, by: Person, words: str, key: str = "k") -> Comment:
    return comment_on_item(
        acting_user=by, item_id=item.pk, comment=words, idempotency_key=key, now=clock.now()
    )


def test_what_is_sent_back_leaves_the_inbox_and_comes_back_changed(bank: Bank) -> None:
    item = submit_bank_item(bank)
    remark = return_sample_item(bank, item)
    assert (remark.kind, remark.event.verb) == ("return", "request_changes")
    assert not list_inbox(bank.ines).exists()
    assert resubmit(bank, item, columns=("claim_id",)).state == ItemState.SUBMITTED
    assert list_inbox(bank.ines).get().columns == ["claim_id"]
    change = ItemChange.objects.get()
    assert (change.created_by, change.before["columns"]) == (bank.ana, ["claim_id", "amount"])
    assert change.event.data["after"]["columns"] == ["claim_id"]


def test_the_changed_ask_is_what_is_approved_by_the_same_person(bank: Bank) -> None:
    item = submit_bank_item(bank)
    return_sample_item(bank, item)
    resubmit(bank, item, ends_at=factories.days_from_now(5))
    grant = approve(bank, RequestItem.objects.get(pk=item.pk))
    assert grant.ends_at == grant.item.ends_at < item.ends_at


def test_it_may_stand_as_it_is_if_one_says_why(bank: Bank) -> None:
    item = submit_bank_item(bank)
    return_sample_item(bank, item)
    with pytest.raises(RefusedError, match="You have changed nothing"):
        resubmit(bank, item)
    assert resubmit(bank, item, "The report adds it up.").state == ItemState.SUBMITTED
    assert "The report adds it up." in [moment.detail for moment in build_item_timeline(item)]


def test_a_change_is_checked_like_an_ask(bank: Bank) -> None:
    item = submit_bank_item(bank)
    return_sample_item(bank, item)
    with pytest.raises(RefusedError, match="has no column nowhere"):
        resubmit(bank, item, columns=("nowhere",))
    with pytest.raises(RefusedError, match="is in the past"):
        resubmit(bank, item, ends_at=clock.now())
    assert not ItemChange.objects.exists()


def test_sending_back_needs_words_and_is_done_once(bank: Bank) -> None:
    item = submit_bank_item(bank)
    with pytest.raises(RefusedError, match="Enter a comment"):
        return_sample_item(bank, item, " ")
    assert return_sample_item(bank, item) == return_sample_item(bank, item)
    assert Event.objects.filter(verb="request_changes").count() == 1


def test_a_comment_sent_twice_is_one_and_a_key_is_not_taken_over(bank: Bank) -> None:
    item = submit_bank_item(bank)
    assert write_comment(item, bank.ana, "It is for the board.") == write_comment(
        item, bank.ana, " It is for the board. "
    )
    with pytest.raises(RefusedError, match="already sent"):
        write_comment(item, bank.ana, "Something else")
    assert write_comment(item, bank.ines, "Thank you.").event.verb == "comment_on_item"
    assert Comment.objects.count() == 2


def test_the_timeline_tells_the_talk_in_order(bank: Bank) -> None:
    item = submit_bank_item(bank)
    write_comment(item, bank.ana, "It is for the board.")
    return_sample_item(bank, item)
    resubmit(bank, item, columns=("claim_id",))
    assert [moment.text for moment in build_item_timeline(RequestItem.objects.get(pk=item.pk))] == [
        "Ana Keller requested 2 columns of insurance_gold.claims",
        "Ana Keller commented",
        "Ines Roth asked for a change",
        "Ana Keller changed the request",
    ]


@pytest.mark.parametrize("rows", [Comment, ItemChange])
def test_what_was_said_is_never_changed(bank: Bank, rows: type[Comment] | type[ItemChange]) -> None:
    item = submit_bank_item(bank)
    return_sample_item(bank, item)
    resubmit(bank, item, columns=("claim_id",))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.objects.update(event=None)
