"""Assigning decisions of every kind, commenting on them, and telling whom a comment mentions."""

from typing import Any

import pytest
from django.urls import reverse

from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError
from requests_app.notifications.models import Notification
from requests_app.review.assignment.actions import (
    assign_item,
    assign_proposal,
    comment_on_proposal,
)
from requests_app.review.assignment.mentions import find_mentioned
from requests_app.review.assignment.models import Assignment, DecisionComment
from requests_app.review.comments import comment_on_item
from requests_app.write_access.kind import WRITE_REQUEST
from requests_app.write_access.models import WriteRequest
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.registrations import make_producer
from tests.requests_app.notifications.projection import project_all_events
from tests.write_access import ask_to_write


def make_write_request(bank: Bank) -> WriteRequest:
    account = factories.make_account(bank.insurance, name="Insurance")
    make_producer(account, bank.domain)
    return ask_to_write(bank.ines, bank.claims, factories.make_principal(account, "claims-load"))


def list_texts(person: Person) -> list[str]:
    return list(Notification.objects.filter(person=person, channel="portal").values_list("text", flat=True))


def test_whom_an_access_request_is_assigned_to_is_told_and_shown(bank: Bank) -> None:
    item = submit_bank_item(bank)
    client = make_client(bank.ines)
    address = reverse("review-assign", args=[item.pk])
    page = client.post(address, {"assignee": bank.ivo.pk}, follow=True).content.decode()
    assert f"Assigned to {bank.ivo.name}." in page
    assert (
        f"assigned to {bank.ivo.name}" in make_client(bank.ivo).get("/reviews/?assigned=me").content.decode()
    )
    project_all_events()
    assert "Ines Roth assigned a decision to you: Claims · BI." in list_texts(bank.ivo)
    client.post(address, {"assignee": ""})
    assert not Assignment.objects.exists()


def test_what_is_decided_is_assigned_to_nobody(bank: Bank) -> None:
    item = submit_bank_item(bank)
    approve(bank, item)
    with pytest.raises(IllegalTransitionError):
        assign_item(acting_user=bank.ines, item_id=item.pk, person_id=bank.ivo.pk, now=clock.now())


def test_another_kind_is_assigned_and_commented_on_by_those_who_may(bank: Bank) -> None:
    row = make_write_request(bank)
    who: dict[str, Any] = {"kind": WRITE_REQUEST, "pk": row.pk, "now": clock.now()}
    with pytest.raises(ForbiddenError):
        assign_proposal(acting_user=bank.ines, person_id=bank.ivo.pk, **who)
    with pytest.raises(RefusedError):
        assign_proposal(acting_user=bank.ivo, person_id=bank.ines.pk, **who)
    assigned = assign_proposal(acting_user=bank.ivo, person_id=bank.ivo.pk, **who)
    assert assigned is not None
    assert assigned.subject == f"write_request:{row.pk}"
    said = {"comment": f"Is this needed, @{bank.ines.name}?", "idempotency_key": "k"}
    client = make_client(bank.ivo)
    address = reverse("decision-comment", args=["write_request", row.pk])
    for _press in range(2):
        page = client.post(address, said, follow=True).content.decode()
    assert DecisionComment.objects.count() == 1
    assert "Is this needed" in page
    project_all_events()
    assert [text for text in list_texts(bank.ines) if "mentioned you" in text]
    assert not [text for text in list_texts(bank.ines) if "commented" in text]
    with pytest.raises(RefusedError, match="Enter a comment"):
        comment_on_proposal(acting_user=bank.ivo, comment=" ", idempotency_key="other", **who)


def test_who_is_mentioned_on_an_access_request_is_told_if_they_may_see_it(bank: Bank) -> None:
    item = submit_bank_item(bank)
    text = f"What do you think, @{bank.ivo.name} and @{bank.sam.name}?"
    comment_on_item(
        acting_user=bank.ines, item_id=item.pk, comment=text, idempotency_key="k", now=clock.now()
    )
    project_all_events()
    assert [text for text in list_texts(bank.ivo) if "mentioned you" in text]
    assert not list_texts(bank.sam)


def test_of_names_that_begin_alike_the_longest_counts(db: None) -> None:
    ana, anna = factories.make_person("Ana Kell"), factories.make_person("Ana Keller")
    assert find_mentioned("@ana keller, please look") == [anna]
    assert find_mentioned("@Ana Kell and @Ana Keller") == [ana, anna]
    assert find_mentioned(f"@{ana.email}") == [ana]
    assert find_mentioned("Ana Keller") == []
