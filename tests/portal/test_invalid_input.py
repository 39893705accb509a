"""Single things that no person types, and what a page does with them: it says so in place, or takes them for nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Event
from catalog.sync.models import SyncRun
from identity.accounts import LocalGroup, LocalMember
from identity.people.models import Membership, SignInAttempt
from portal.pages.forms import INCOMPLETE_FORM
from requests_app.access_requests.input_checks import MAX_TEXT_LENGTH
from requests_app.access_requests.models import AccessRequest, Comment, RequestItem
from requests_app.grants.models import Grant
from requests_app.grants.states import GrantState
from requests_app.policies.models import PolicyVersion
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.portal.request_form.test_pages import build_request_form
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup

NO_NULL = "Null characters are not allowed."


@pytest.fixture
def account(bank: Bank) -> str:
    factories.add_members(bank.bi, Membership.Role.ACCOUNT_ADMIN, [bank.ana])
    return bank.bi_account.account_id


def test_a_null_character_in_a_groups_name_or_member_is_said_in_place(bank: Bank, account: str) -> None:
    ana = make_client(bank.ana)
    refused = ana.post(reverse("local-group-new", args=[account]), {"name": "Actu\x00aries"})
    assert (refused.status_code, NO_NULL in refused.content.decode()) == (422, True)
    ana.post(reverse("local-group-new", args=[account]), {"name": "Actuaries"})
    group = LocalGroup.objects.get()
    refused = ana.post(reverse("local-group-members", args=[group.pk]), {"arn": f"{bank.role.arn}\x00"})
    assert (refused.status_code, NO_NULL in refused.content.decode()) == (422, True)
    assert not LocalMember.objects.exists()


def test_a_member_that_is_refused_stays_typed_beside_its_group(bank: Bank, account: str) -> None:
    ana = make_client(bank.ana)
    for name in ("Actuaries", "Brokers"):
        ana.post(reverse("local-group-new", args=[account]), {"name": name})
    address = reverse("local-group-members", args=[LocalGroup.objects.get(name="Brokers").pk])
    assert (
        ana.post(address, {"arn": "arn:aws:iam::1:role/no"})
        .content.decode()
        .count('value="arn:aws:iam::1:role/no"')
        == 1
    )


def test_break_glass_is_ended_and_reviewed_with_words_that_can_be_kept(bank: Bank) -> None:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, "member", [ben])
    scene = BreakGlassSetup(bank, ben)
    taken = scene.confirm_session(scene.open_session(scene.give_consent()))
    for name in ("break-glass-session-end", "break-glass-session-review"):
        refused = make_client(bank.ines).post(reverse(name, args=[taken.pk]), {"reason": "Over.\x00"})
        assert (refused.status_code, NO_NULL in refused.content.decode()) == (422, True)
    assert Grant.objects.get().state == GrantState.LIVE


def test_a_database_of_no_name_is_not_there_to_be_read(bank: Bank) -> None:
    answer = make_client(bank.greta).post(
        reverse("sync-run-new"), {"catalog": bank.catalog.pk, "database": "a\x00b"}
    )
    assert (answer.status_code, SyncRun.objects.count()) == (404, 0)


@pytest.mark.parametrize("name", ["home", "search", "reviews", "access-request-new", "search-suggestions"])
def test_an_address_with_a_null_character_cannot_be_read(bank: Bank, name: str) -> None:
    answer = make_client(bank.greta).get(f"{reverse(name)}?tag=a%00%3Db&catalog=%00")
    assert (answer.status_code, "Bad request" in answer.content.decode()) == (400, True)
    assert make_client(bank.greta).get("/accounts/%00/local-groups/").status_code == 400


def test_a_page_beyond_any_number_is_the_first(bank: Bank) -> None:
    assert (
        make_client(bank.ana).get(reverse("search"), {"q": "claims", "page": "9" * 5_000}).status_code == 200
    )


def test_an_e_mail_that_nobody_can_have_counts_as_an_attempt(db: None) -> None:
    answer = Client().post(reverse("sign-in"), {"username": "x" * 100_000, "password": "no"})
    assert (answer.status_code, len(SignInAttempt.objects.get().email)) == (200, 254)


@pytest.mark.parametrize(
    "wanted", ["x", "access", "https://elsewhere.example/", "//elsewhere.example", "\x00"]
)
def test_after_revoking_one_goes_on_within_the_site(bank: Bank, wanted: str) -> None:
    grant = approve(bank, submit_bank_item(bank))
    said = {"reason": "No longer needed.", "next": wanted}
    answer = make_client(bank.ines).post(reverse("grant-revoke", args=[grant.pk]), said)
    assert answer.headers["Location"] == reverse("access-request", args=[grant.item.request_id])


@pytest.mark.parametrize("escape", [r"\0", r"\uD800"])
def test_rules_whose_escapes_make_no_text_are_refused_in_place(bank: Bank, escape: str) -> None:
    rules = f'- name: few\n  when: {{purpose: "a{escape}b"}}\n  then: {{most_days: 3}}'
    answer = make_client(bank.ines).post(
        reverse("policy", args=[bank.domain.slug]), {"rules": rules, "note": "As agreed."}
    )
    assert answer.status_code == 422
    assert "the file is not text" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def post_comment(bank: Bank, item: RequestItem, **said: Any) -> str:
    words = {"comment": "Why all of it?", "idempotency_key": "page-1", "on": "review"}
    answer = make_client(bank.ines).post(
        reverse("request-item-comments", args=[item.pk]), words | said, follow=True
    )
    return answer.content.decode()


def test_a_comment_sent_twice_is_one_and_other_words_are_another(bank: Bank) -> None:
    """After going back the browser sends the page's old key again."""
    item = submit_bank_item(bank)
    for words in ("Why all of it?", "Why all of it?", "And until when?"):
        post_comment(bank, item, comment=words)
    assert list(Comment.objects.values_list("text", flat=True)) == ["Why all of it?", "And until when?"]


def test_a_comment_may_be_as_long_as_the_browser_lets_it_be(bank: Bank) -> None:
    """A browser counts a line break once, and sends it as two characters."""
    item, most = submit_bank_item(bank), "line\r\n" * (MAX_TEXT_LENGTH // 5)
    post_comment(bank, item, comment=f"{most}x")
    assert not Comment.objects.exists()
    post_comment(bank, item, comment=most)
    assert Comment.objects.count() == 1


def test_a_comment_without_its_key_says_that_it_was_not_said(bank: Bank) -> None:
    assert str(INCOMPLETE_FORM) in post_comment(bank, submit_bank_item(bank), idempotency_key="")
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "broken", [{"idempotency_key": ""}, {"idempotency_key": "\x00"}, {"extent": "other"}]
)
def test_a_field_that_nobody_sees_is_spoken_of_above_the_form(bank: Bank, broken: dict[str, str]) -> None:
    before = Event.objects.count()
    answer = make_client(bank.ana).post(
        f"{reverse('access-request-new')}?table={bank.claims.pk}", build_request_form(bank, **broken)
    )
    page = answer.content.decode()
    assert (answer.status_code, str(INCOMPLETE_FORM) in page, Event.objects.count()) == (422, True, before)
    key = answer.context["form"].form_key
    assert f'name="idempotency_key" value="{key}"' in page
    assert (len(key) == 32) == ("idempotency_key" in broken)


def test_a_decision_without_an_answer_says_so_and_decides_nothing(bank: Bank) -> None:
    item = submit_bank_item(bank)
    answer = make_client(bank.ines).post(
        reverse("review", args=[item.pk]), {"effects_hash": "0" * 64, "comment": "Yes."}
    )
    assert (answer.status_code, str(INCOMPLETE_FORM) in answer.content.decode()) == (422, True)
    assert "Yes." in answer.content.decode()
    assert not Grant.objects.exists()


@pytest.mark.parametrize("target", ["table", "database", "basket"])
def test_an_action_that_a_form_does_not_have_is_named_and_nothing_is_done(bank: Bank, target: str) -> None:
    address = {
        "table": f"{reverse('access-request-new')}?table={bank.claims.pk}",
        "database": f"{reverse('access-request-new')}?database={bank.claims.database_id}",
        "basket": reverse("basket", args=[bank.bi.slug]),
    }[target]
    answer = make_client(bank.ana).post(address, build_request_form(bank) | {"do": "explode"})
    assert (answer.status_code, "has no action “explode”" in answer.content.decode()) == (400, True)
    assert not AccessRequest.objects.exists()
