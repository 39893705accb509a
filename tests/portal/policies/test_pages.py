"""The pages of rules: written as YAML, compared, replayed, published; and what reviews and forms say of them."""

from django.urls import reverse

from requests_app.access_requests.models import Decision, RequestItem
from requests_app.access_requests.states import ItemState
from requests_app.policies.models import PolicyVersion
from tests import factories
from tests.bank import Bank, submit_bank_item
from tests.portal.conftest import make_client
from tests.requests_app.policy_setup import (
    AUTOMATIC_RULE,
    make_approval_rule,
    make_privacy,
    publish_rules,
    register_location,
)

RULES = """
- name: sensitive-needs-two
  when: {classification: sensitive}
  then:
    needs: [{role: owner, quorum: 2}]
- name: few-days
  then: {most_days: 20}
"""
NOTE = "Two look at what is sensitive."


def get_address(bank: Bank) -> str:
    return reverse("policy", args=[bank.domain.slug])


def test_rules_are_drafted_compared_replayed_and_put_in_force(bank: Bank) -> None:
    submit_bank_item(bank)
    ines = make_client(bank.ines)
    assert ines.post(get_address(bank), {"rules": RULES, "note": NOTE}).status_code == 302
    page = ines.get(get_address(bank)).content.decode()
    assert "Replayed on the last request:" in page
    assert "0 approved automatically, 0 more escalated, 1 rejected." in page
    assert "A rule limits access to 20 days." in page
    assert '<span class="visually-hidden">new: </span>' in page
    draft = PolicyVersion.objects.get()
    done = ines.post(reverse("policy-version-publish", args=[bank.domain.slug, draft.number]), follow=True)
    assert "Policy published. Waiting requests were evaluated again." in done.content.decode()
    draft.refresh_from_db()
    assert (draft.state, draft.published_by) == ("published", bank.ines)


def test_a_text_that_was_edited_since_the_draft_is_not_put_in_force(bank: Bank) -> None:
    ines = make_client(bank.ines)
    ines.post(get_address(bank), {"rules": RULES, "note": NOTE})
    draft = PolicyVersion.objects.get()
    force = reverse("policy-version-publish", args=[bank.domain.slug, draft.number])
    assert f'form="rules-form" formaction="{force}"' in ines.get(get_address(bank)).content.decode()
    edits = [(RULES.replace("quorum: 2", "quorum: 3"), NOTE), ("- [", NOTE), (RULES, "Another reason.")]
    for rules, note in edits:
        page = ines.post(force, {"rules": rules, "note": note})
        assert (page.status_code, "Nothing is published yet." in page.content.decode()) == (422, True)
    draft.refresh_from_db()
    assert draft.state == "draft"
    assert ines.post(force, {"rules": RULES, "note": NOTE}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "published"


def test_rules_are_retired_with_a_reason_after_a_look_at_what_comes_of_it(bank: Bank) -> None:
    version = publish_rules(bank, make_approval_rule({"role": "owner", "quorum": 2}))
    submit_bank_item(bank)
    ines, address = (
        make_client(bank.ines),
        reverse("policy-version-retire", args=[bank.domain.slug, version.number]),
    )
    page = ines.get(address).content.decode()
    assert "Needs approval by 2 data owners." in page
    assert "Needs approval by a data owner." in page
    assert '<span class="visually-hidden">removed: </span>' in page
    short = ines.post(address, {"reason": "No."})
    assert (short.status_code, PolicyVersion.objects.get().state) == (422, "published")
    assert ines.post(address, {"reason": "Offers say it now."}).status_code == 302
    version.refresh_from_db()
    assert (version.state, version.retire_reason) == ("retired", "Offers say it now.")
    assert make_client(bank.ana).get(address).status_code == 404


def test_a_draft_is_dropped_at_once(bank: Bank) -> None:
    ines = make_client(bank.ines)
    ines.post(get_address(bank), {"rules": RULES, "note": NOTE})
    draft = PolicyVersion.objects.get()
    assert (
        ines.post(reverse("policy-version-retire", args=[bank.domain.slug, draft.number])).status_code == 302
    )
    draft.refresh_from_db()
    assert draft.state == "retired"


def test_to_look_drops_no_draft(bank: Bank) -> None:
    ines = make_client(bank.ines)
    ines.post(get_address(bank), {"rules": RULES, "note": NOTE})
    draft = PolicyVersion.objects.get()
    looked = ines.get(reverse("policy-version-retire", args=[bank.domain.slug, draft.number]))
    draft.refresh_from_db()
    assert (looked["Location"], draft.state) == (get_address(bank), "draft")


def test_a_draft_says_what_it_looks_at_in_vain(bank: Bank) -> None:
    ines = make_client(bank.ines)
    typed = (
        "- {name: contractors, when: {claims: contractor}, then: {most_days: 9}}\n"
        "- {name: at-once, when: {claims: bi}, then: {automatic: true}}"
    )
    page = ines.post(get_address(bank), {"rules": typed, "note": NOTE}, follow=True).content.decode()
    assert "contractors applies to every request in this respect: claims (not known yet," in page
    assert "at-once never approves: claims (not known yet," in page


def test_what_cannot_be_read_stays_typed_with_its_error(bank: Bank) -> None:
    ines = make_client(bank.ines)
    for typed, said in [
        ("- name: [", "This is not valid YAML"),
        ("- name: x\n  name: y\n  then: {refused: No}", "name appears twice"),
        ("- &a {name: x, then: {refused: No}}\n- *a", "references (*) are not supported"),
        ("[" * 3000, "This is not valid YAML"),
        (
            "- {name: x, when: {principal_tags: high}, then: {most_days: 9}}",
            "high is not a tag in the form key=value",
        ),
        ("- {name: x, then: {needs: [{role: boss}]}}", "role must be one of lead, owner, steward, privacy"),
    ]:
        answer = ines.post(get_address(bank), {"rules": typed, "note": NOTE})
        page = answer.content.decode()
        assert answer.status_code == 422, typed[:20]
        assert said in page
        assert typed[:14] in page.replace("&amp;", "&")
    assert not PolicyVersion.objects.exists()


def test_others_read_the_global_rules_and_write_none(bank: Bank) -> None:
    publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    ana = make_client(bank.ana)
    page = ana.get(reverse("policy", args=["global"])).content.decode()
    assert "more-people" in page
    assert "Save as draft" not in page
    assert ana.post(reverse("policy", args=["global"]), {"rules": "", "note": NOTE}).status_code == 404
    assert (
        ana.get(get_address(bank)).status_code == ana.get(reverse("policy", args=["none"])).status_code == 404
    )
    assert get_address(bank) not in ana.get(reverse("policies")).content.decode()


def test_the_review_says_which_rules_fired_and_whose_yes_is_missing(bank: Bank) -> None:
    pia = make_privacy()
    publish_rules(bank, make_approval_rule({"role": "privacy"}, claims=["contractor"]), everywhere=True)
    item = submit_bank_item(bank)
    ines, address = make_client(bank.ines), reverse("review", args=[item.pk])
    page = ines.get(address)
    assert "Needs approval by a data owner and a privacy officer." in page.content.decode()
    assert (
        "more-people (global rule, version 1): not known, so counted as met: claims (not known yet,"
        " because people sign in with a password only)" in page.content.decode()
    )
    review = page.context["review"]
    said = {
        "answer": "approve",
        "effects_hash": review.effects_hash,
        "rules_hash": review.policy_summary.policy_hash,
    }
    done = ines.post(address, said, follow=True).content.decode()
    assert "Access is granted when the others have approved too." in done
    assert "Partly approved" in make_client(pia).get(address).content.decode()
    assert "Partly approved" in make_client(bank.ana).get(reverse("access-requests")).content.decode()


def test_rules_that_changed_under_a_review_are_told_and_nothing_is_decided(bank: Bank) -> None:
    make_privacy()
    item = submit_bank_item(bank)
    ines, address = make_client(bank.ines), reverse("review", args=[item.pk])
    review = ines.get(address).context["review"]
    publish_rules(bank, make_approval_rule({"role": "privacy"}), everywhere=True)
    said = {
        "answer": "approve",
        "effects_hash": review.effects_hash,
        "rules_hash": review.policy_summary.policy_hash,
    }
    answer = ines.post(address, said)
    assert answer.status_code == 422
    assert "The policies for this request have changed since you opened it." in answer.content.decode()
    assert not Decision.objects.exists()


def test_the_form_says_what_will_happen(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    ana, address = make_client(bank.ana), f"{reverse('access-request-preview')}?table={bank.claims.pk}"
    values = {
        "principal": bank.role.pk,
        "ends_on": f"{factories.days_from_now(30):%Y-%m-%d}",
        "extent": "columns",
    }
    ahead = ana.post(address, {**values, "columns": ["claim_id"]}).content.decode()
    assert "Approved automatically, by a policy of the data owner." in ahead
    ahead = ana.post(address, {**values, "ends_on": "2099-01-01", "extent": "whole"}).content.decode()
    assert "Needs approval by a data owner." in ahead
    assert not RequestItem.objects.exists()


def test_what_was_decided_at_once_says_by_whose_rule(bank: Bank) -> None:
    register_location(bank)
    publish_rules(bank, AUTOMATIC_RULE)
    item = submit_bank_item(bank)
    assert item.state == ItemState.APPROVED
    page = make_client(bank.ana).get(reverse("access-request", args=[item.request_id])).content.decode()
    assert "Approved by a rule that Ines Roth published" in page
