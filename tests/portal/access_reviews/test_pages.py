"""Access reviews by the pages and over HTTP: counted before, decided by who may, shown to those concerned."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from kernel import clock
from requests_app.access_reviews.actions import start_access_review
from requests_app.access_reviews.deadlines import settle_access_reviews
from requests_app.access_reviews.models import AccessReview, AccessReviewItem
from requests_app.access_reviews.scope import AccessReviewScope
from requests_app.grants.models import Grant
from requests_app.notifications.models import Notification
from tests import factories
from tests.bank import Bank, approve, submit_bank_request
from tests.portal.api.calls import place_of, read, send
from tests.portal.conftest import make_client
from tests.requests_app.notifications.projection import list_notification_texts, project_all_events


@pytest.fixture
def grants(bank: Bank) -> list[Grant]:
    roles = [factories.make_principal(bank.bi_account, f"role-{number}") for number in range(3)]
    return [
        approve(bank, submit_bank_request(bank, principal=role, idempotency_key=role.name).items.get())
        for role in roles
    ]


def start_review(bank: Bank) -> AccessReview:
    now = clock.now()
    due = now + timedelta(days=14)
    scope = AccessReviewScope(domain=bank.domain)
    return start_access_review(
        acting_user=bank.ines, name="Autumn", scope=scope, due_at=due, idempotency_key="c", now=now
    )


def get_line(grant: Grant) -> AccessReviewItem:
    return AccessReviewItem.objects.get(grant=grant)


def test_an_owner_counts_and_starts_one_over_their_domain(bank: Bank, grants: list[Grant]) -> None:
    ines = make_client(bank.ines)
    page = ines.get(reverse("access-review-new")).content.decode()
    assert "3 active grants" in page
    assert (
        "3 active grants"
        not in ines.get(reverse("access-review-new"), {"unused_days": "90"}).content.decode()
    )
    counted = ines.get(reverse("access-review-new"), {"domain": bank.domain.slug}).context["scope_hash"]
    said = {"name": "Autumn", "due_on": f"{factories.days_from_now(14):%Y-%m-%d}", "idempotency_key": "k"}
    said |= {"domain": bank.domain.slug, "counted": counted}
    answer = ines.post(reverse("access-review-new"), said, follow=True)
    assert "0 of 3 decided" in answer.content.decode()
    soon = ines.post(reverse("access-review-new"), said | {"due_on": "2026-01-01", "idempotency_key": "k2"})
    assert (soon.status_code, AccessReview.objects.count()) == (422, 1)
    assert "from a day to a year from now" in soon.content.decode()


def test_filters_that_were_edited_are_counted_before_it_starts(bank: Bank, grants: list[Grant]) -> None:
    ines, start = make_client(bank.ines), reverse("access-review-new")
    due_on = f"{factories.days_from_now(14):%Y-%m-%d}"
    said = {"name": "Autumn", "due_on": due_on, "idempotency_key": "k", "domain": bank.domain.slug}
    shown = ines.post(start, said | {"do": "count"})
    assert (shown.status_code, "3 active grants" in shown.content.decode()) == (200, True)
    assert 'value="Autumn"' in shown.content.decode()
    edited = said | {"counted": shown.context["scope_hash"], "account": bank.bi_account.account_id}
    page = ines.post(start, edited)
    assert "The grants have changed since they were counted. Nothing was started." in page.content.decode()
    assert (page.status_code, AccessReview.objects.count()) == (422, 0)
    assert ines.post(start, edited | {"counted": page.context["scope_hash"]}).status_code == 302
    assert AccessReview.objects.get().account == bank.bi_account


def test_a_grant_that_came_after_the_count_is_counted_first(bank: Bank, grants: list[Grant]) -> None:
    ines, start = make_client(bank.ines), reverse("access-review-new")
    due_on = f"{factories.days_from_now(14):%Y-%m-%d}"
    mark = ines.get(start, {"domain": bank.domain.slug}).context["scope_hash"]
    said = {
        "name": "Autumn",
        "due_on": due_on,
        "idempotency_key": "k",
        "domain": bank.domain.slug,
        "counted": mark,
    }
    approve(bank, submit_bank_request(bank, idempotency_key="later").items.get())
    page = ines.post(start, said)
    assert (page.status_code, "4 active grants" in page.content.decode()) == (422, True)
    assert not AccessReview.objects.exists()


def test_ticked_lines_are_counted_and_kept_and_all_others_may_end(bank: Bank, grants: list[Grant]) -> None:
    access_review, ines = start_review(bank), make_client(bank.ines)
    answer = reverse("access-review-decide", args=[access_review.pk])
    page = ines.get(answer, {"answer": "keep", "line": str(get_line(grants[0]).pk)})
    assert f"Does {grants[0].principal.name} still need {grants[0].item.name}?" in page.content.decode()
    several = ines.get(answer, {"answer": "keep", "all": "1"}).content.decode()
    assert "Are these 3 grants still needed?" in several
    said = {"answer": "keep", "lines": page.context["line_ids"]}
    refused = ines.post(answer, said | {"reason": " "})
    assert (refused.status_code, get_line(grants[0]).state) == (422, "open")
    ines.post(answer, said | {"reason": "Quarterly report."})
    assert get_line(grants[0]).state == "kept"
    again = ines.post(answer, said | {"reason": "Quarterly report."})
    assert "are already decided" in again.content.decode()
    rest = ines.get(answer, {"answer": "revoke", "all": "1"}).context["line_ids"]
    ines.post(answer, {"answer": "revoke", "lines": rest, "reason": "Over."})
    assert set(Grant.objects.values_list("state", flat=True)) == {"revoked"}


def test_governance_sees_all_and_keeps_nothing_and_strangers_find_nothing(
    bank: Bank, grants: list[Grant]
) -> None:
    access_review = start_review(bank)
    pages = [
        reverse(name, args=[access_review.pk])
        for name in ("access-review", "access-review-decide", "access-review-evidence")
    ]
    for address in pages:
        assert make_client(bank.greta).get(address).status_code == 200
        assert make_client(bank.sam).get(address).status_code == 404
        assert make_client(bank.ana).get(address).status_code == 404
    said = {"answer": "keep", "lines": str(get_line(grants[0]).pk), "reason": "I say so."}
    assert make_client(bank.greta).post(pages[1], said).status_code == 404
    assert make_client(bank.sam).get(reverse("access-review-new")).status_code == 404
    assert (
        "No access reviews for you" in make_client(bank.ana).get(reverse("access-reviews")).content.decode()
    )
    assert get_line(grants[0]).state == "open"


def test_owners_and_askers_are_told_once_and_led_to_where_they_answer(
    bank: Bank, grants: list[Grant]
) -> None:
    access_review = start_review(bank)
    project_all_events()
    assert "asks whether the access to 3 tables is still needed" in list_notification_texts(bank.ivo)[-1]
    assert len([words for words in list_notification_texts(bank.ana) if "still needed" in words]) == 1
    assert (
        Notification.objects.filter(person=bank.ivo, page="access-review", page_id=access_review.pk).count()
        == 1
    )


def test_holders_are_warned_where_they_look_at_their_access(bank: Bank, grants: list[Grant]) -> None:
    access_review = start_review(bank)
    page = make_client(bank.ana).get(reverse("grants")).content.decode()
    assert page.count("a data owner keeps it") == 3
    settle_access_reviews(access_review.due_at)
    assert "a data owner keeps it" not in make_client(bank.ana).get(reverse("grants")).content.decode()


def test_the_evidence_has_each_line_its_word_and_its_link(bank: Bank, grants: list[Grant]) -> None:
    access_review, ines = start_review(bank), make_client(bank.ines)
    said: dict[str, Any] = {
        "answer": "keep",
        "lines": str(get_line(grants[0]).pk),
        "reason": "=1+1 is needed",
    }
    ines.post(reverse("access-review-decide", args=[access_review.pk]), said)
    settle_access_reviews(access_review.due_at)
    text = ines.get(
        reverse("access-review-evidence", args=[access_review.pk]) + "?format=csv"
    ).content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["answer"] for row in rows] == ["kept", "defaulted", "defaulted"]
    assert (rows[0]["decided_by"], rows[0]["reason"]) == ("Ines Roth", "'=1+1 is needed")
    assert rows[0]["approved_by"] == "Ines Roth"
    assert rows[0]["digest"] == get_line(grants[0]).event.digest  # type: ignore[union-attr]
    whole = ines.get(reverse("access-review-evidence", args=[access_review.pk]) + "?format=json").json()
    assert (len(whole["lines"]), len(whole["evidence"]), whole["state"]) == (3, 64, "closed")
    told = read(ines, f"access-reviews/{access_review.pk}/evidence")
    assert whole == {
        **{name: value for name, value in told.items() if name != "items"},
        "lines": told["items"],
    }


def test_over_http_it_is_started_decided_on_and_cancelled(bank: Bank, grants: list[Grant]) -> None:
    said = {"name": "Autumn", "due_at": factories.days_from_now(10).isoformat(), "domain": bank.domain.slug}
    unused = send(bank.ines, "access-reviews", said | {"unused_for": "P90D"})
    assert (unused.status_code, place_of(unused)) == (422, "#")
    first = send(bank.ines, "access-reviews", said, key="k")
    assert (first.status_code, first.json()["item_counts"]["open"]) == (201, 3)
    address = f"access-reviews/{first.json()['id']}"
    items = read(bank.ines, f"{address}/items", decided="false")["results"]
    assert [one["state"] for one in items] == ["waiting_for_review"] * 3
    decision = {"outcome": "keep", "items": [items[0]["id"]], "comment": "Needed."}
    late = send(bank.ines, f"{address}/decisions", decision | {"expires_at": "2099-01-01T00:00:00Z"})
    assert (late.status_code, place_of(late)) == (422, "#/expires_at")
    done = send(bank.ines, f"{address}/decisions", decision)
    assert (done.status_code, done.json()["access_review"]["item_counts"]["kept"]) == (201, 1)
    assert [(one["result"], one["state_reason"]) for one in done.json()["items"]] == [("kept", "kept")]
    off = send(bank.ines, f"{address}/cancel", {"comment": "Wrong."})
    assert off.json()["lifecycle"] == "cancelled"
    assert read(bank.ines, "access-reviews")["results"][0]["id"] == first.json()["id"]
    assert make_client(bank.sam).get(f"/api/v1/{address}").status_code == 404
