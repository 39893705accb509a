"""A role change of the last week bars from every kind of decision: the verbs say so, and one trigger holds it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import ForeignKey, Model

from catalog.classification.actions import dismiss_findings
from catalog.glossary.proposal_actions import approve_term_proposal
from catalog.problems import Problem
from catalog.product_lifecycle.actions import allow_requests
from catalog.products.offers.actions import publish_offer_version
from catalog.publication_rules.actions import allow_rule_exception, put_publication_rules_in_force
from catalog.publication_rules.queries import compute_rules_digest
from catalog.questions import Question
from catalog.registrations.actions import except_registration
from catalog.revisions.actions import publish_product_draft
from identity.accounts import Account
from identity.people.models import Membership, Person
from identity.role_changes.bars import filter_unbarred
from identity.role_changes.proposals import BAR_PERIOD
from kernel import clock
from kernel.errors import ForbiddenError
from portal.inbox.other_decisions import list_waiting_kinds
from requests_app.access_requests.models import Decision
from requests_app.access_reviews.models import AccessReview
from requests_app.break_glass.actions import review_break_glass_session
from requests_app.grants.models import Grant
from requests_app.policy_editing.actions import draft_policy, publish_policy
from tests import (
    derivation,
    factories,
    glossary,
    offers,
    products,
    registrations,
    schema_updates,
    write_access,
)
from tests.bank import Bank, approve, submit_bank_item
from tests.catalog.classification.findings import make_detection, record
from tests.product_lifecycle import deprecate
from tests.publication_rules import put_in_force, save
from tests.requests_app.access_reviews.test_access_reviews import keep_grants, list_lines, start_review
from tests.requests_app.break_glass.test_break_glass import BreakGlassSetup
from tests.requests_app.policy_setup import AUTOMATIC_RULE
from tests.role_changes import (
    advance_clock,
    data_owner_change,
    make_governor,
    propose_and_confirm,
    set_password,
)
from tests.tag_changes import make_tagging_bank


@dataclass(frozen=True)
class Deed:
    """A decision that waits for `decider`."""

    decider: Person
    decide: Callable[[], object]


def make_producer_role(bank: Bank) -> Any:
    account = factories.make_account(bank.insurance, name="Insurance")
    registrations.make_producer(account, bank.domain)
    return factories.make_principal(account, "claims-pipeline")


def ask_registration(bank: Bank, **changes: Any) -> Any:
    role, dev = make_producer_role(bank), registrations.make_engineer_person(bank.domain)
    return registrations.ask(dev, registrations.build_content(bank.catalog, bank.domain, role, **changes))


def wait_for_registration(bank: Bank) -> Deed:
    row = ask_registration(bank)
    return Deed(bank.ines, lambda: registrations.approve(bank.ines, row))


def wait_for_location(bank: Bank) -> Deed:
    row = ask_registration(bank, location="s3://elsewhere/x/", exception_reason="It moves in May.")
    return Deed(
        bank.greta,
        lambda: except_registration(acting_user=bank.greta, pk=row.pk, comment="Until May.", now=clock.now()),
    )


def wait_for_schema_update(bank: Bank) -> Deed:
    update = schema_updates.find_breaking_update(schema_updates.register(bank))
    return Deed(bank.ivo, lambda: schema_updates.approve_update(bank.ivo, update))


def wait_for_write_access(bank: Bank) -> Deed:
    role = make_producer_role(bank)
    row = write_access.ask_to_write(registrations.make_engineer_person(bank.domain), bank.claims, role)
    return Deed(bank.ines, lambda: write_access.approve_writing(bank.ines, row))


def wait_for_tag_change(bank: Bank) -> Deed:
    tagging = make_tagging_bank(bank)
    change = tagging.propose()
    return Deed(bank.ines, lambda: tagging.approve(change))


def wait_for_derivation(bank: Bank) -> Deed:
    derived = derivation.make_derived_bank(bank)
    derived.trace_iban()
    derived.save_draft()
    (request,) = derived.ask()
    return Deed(bank.ines, lambda: derived.agree(request))


def wait_for_term(bank: Bank) -> Deed:
    ruth, proposal = glossary.make_steward(), glossary.propose_new(bank.ana, "Reserve", bank.domain)
    return Deed(
        ruth,
        lambda: approve_term_proposal(
            acting_user=ruth,
            proposal_id=proposal.pk,
            shown=glossary.get_shown(proposal),
            comment="",
            now=clock.now(),
        ),
    )


def wait_for_offer(bank: Bank) -> Deed:
    version = offers.write_draft(bank)
    return Deed(
        bank.ines,
        lambda: publish_offer_version(acting_user=bank.ines, version_id=version.pk, now=clock.now()),
    )


def wait_for_consent(bank: Bank) -> Deed:
    scene = make_scene(bank)
    return Deed(bank.ines, scene.give_consent)


def make_scene(bank: Bank) -> BreakGlassSetup:
    ben = factories.make_person("Ben Frey")
    factories.add_members(bank.bi, Membership.Role.MEMBER, [ben])
    return BreakGlassSetup(bank, ben)


def wait_for_confirmation(bank: Bank) -> Deed:
    scene = make_scene(bank)
    session = scene.open_session(scene.give_consent())
    return Deed(scene.ben, lambda: scene.confirm_session(session))


def wait_for_session_review(bank: Bank) -> Deed:
    scene = make_scene(bank)
    session = scene.confirm_session(scene.open_session(scene.give_consent()))
    after = session.request.ends_at + timedelta(hours=1)
    return Deed(
        bank.ivo,
        lambda: review_break_glass_session(
            acting_user=bank.ivo, session_id=session.pk, comment="It was justified.", now=after
        ),
    )


def wait_for_publication(bank: Bank) -> Deed:
    products.save_draft(bank, bank.ines, summary="What the claims cost.")
    return Deed(
        bank.ivo,
        lambda: publish_product_draft(
            acting_user=bank.ivo, slug=bank.product.slug, shown=products.get_state(bank), now=clock.now()
        ),
    )


def wait_for_publication_rules(bank: Bank) -> Deed:
    save(bank.greta)
    return Deed(
        bank.greta,
        lambda: put_publication_rules_in_force(
            acting_user=bank.greta, shown=compute_rules_digest(), now=clock.now()
        ),
    )


def wait_for_rule_exception(bank: Bank) -> Deed:
    put_in_force(bank.greta)
    return Deed(
        bank.greta,
        lambda: allow_rule_exception(
            acting_user=bank.greta,
            slug=bank.product.slug,
            key="description_words",
            reason="Soon.",
            now=clock.now(),
        ),
    )


def wait_for_request_exception(bank: Bank) -> Deed:
    deprecate(bank)
    return Deed(
        bank.ines,
        lambda: allow_requests(
            acting_user=bank.ines, slug=bank.product.slug, person=bank.ana.pk, team=None, reason="The year's end.",
            until=clock.now() + timedelta(days=9), now=clock.now(),
        ),
    )  # fmt: skip


def wait_for_policy(bank: Bank) -> Deed:
    draft = draft_policy(
        acting_user=bank.ines,
        domain=bank.domain,
        rules=[AUTOMATIC_RULE],
        note="Quicker for all.",
        now=clock.now(),
    )
    return Deed(
        bank.ines, lambda: publish_policy(acting_user=bank.ines, version_id=draft.pk, now=clock.now())
    )


def wait_for_review_item(bank: Bank) -> Deed:
    approve(bank, submit_bank_item(bank))
    access_review = start_review(bank)
    return Deed(bank.ines, lambda: keep_grants(bank, access_review, *list_lines(access_review)))


def wait_for_finding(bank: Bank) -> Deed:
    (finding,) = record(bank.claims, make_detection("amount"))
    return Deed(
        bank.ines,
        lambda: dismiss_findings(
            acting_user=bank.ines, finding_ids=[finding.pk], reason="Amounts.", now=clock.now()
        ),
    )


def wait_for_request(bank: Bank) -> Deed:
    item = submit_bank_item(bank)
    return Deed(bank.ines, lambda: approve(bank, item))


DEEDS = [value for name, value in sorted(globals().items()) if name.startswith("wait_for_")]


@pytest.mark.parametrize("prepare", DEEDS, ids=lambda one: one.__name__)
def test_whose_password_another_set_decides_nothing_for_a_week(
    bank: Bank, prepare: Callable[[Bank], Deed], monkeypatch: pytest.MonkeyPatch
) -> None:
    deed, hanna = prepare(bank), make_governor()
    set_password(hanna, deed.decider)
    with pytest.raises(ForbiddenError, match="Hanna Berg set your password"):
        deed.decide()
    with monkeypatch.context() as unasked:
        for module in ("identity.role_changes.bars", "requests_app.review.may"):
            unasked.setattr(f"{module}.has_bars", lambda _person: False)
        with pytest.raises(IntegrityError, match="bars person"):
            deed.decide()
    advance_clock(BAR_PERIOD)
    if prepare not in {wait_for_confirmation, wait_for_review_item}:  # their time is over
        deed.decide()


def test_who_made_themself_an_owner_decides_nothing_of_the_domain(bank: Bank) -> None:
    """A role of longer standing beside a new one counts: Ines decides."""
    row, hanna = ask_registration(bank), make_governor()
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, bank.greta))
    with pytest.raises(ForbiddenError, match="was changed in the last week"):
        registrations.approve(bank.greta, row)
    assert filter_unbarred([bank.greta.pk, bank.ines.pk], row, "decided_by") == [bank.ines.pk]
    assert registrations.approve(bank.ines, row)


def test_an_owner_does_not_decide_for_who_made_them_one(bank: Bank) -> None:
    ben, hanna = factories.make_person("Ben Frey"), make_governor()
    factories.add_members(bank.insurance, Membership.Role.DEVELOPER, [hanna])
    propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, ben))
    row = write_access.ask_to_write(hanna, bank.claims, make_producer_role(bank))
    with pytest.raises(ForbiddenError, match="was changed in the last week"):
        write_access.approve_writing(ben, row)
    assert write_access.approve_writing(bank.ines, row)


def test_who_proposes_as_another_does_not_confirm_it(bank: Bank) -> None:
    """A governor set the password of another, proposes as them, and confirms as themself."""
    hanna = make_governor()
    set_password(hanna, bank.greta)
    with pytest.raises(ForbiddenError, match="was changed in the last week"):
        propose_and_confirm(bank.greta, hanna, data_owner_change(bank.insurance, bank.sam))


DECIDES = {
    "catalog.DerivationRequest": "decided_by", "catalog.Finding": "closed_by", "catalog.OfferVersion": "published_by",
    "catalog.ProductRevision": "published_by", "catalog.PublicationRules": "in_force_by", "catalog.Registration": "decided_by exception_by",
    "catalog.RequestException": "allowed_by", "catalog.RuleException": "allowed_by", "catalog.SchemaUpdate": "decided_by",
    "catalog.TagChange": "decided_by", "catalog.TagChangeApproval": "decided_by", "catalog.TermProposal": "decided_by",
    "fulfilment.Hold": "ended_by", "identity.RoleChange": "decided_by", "requests.AccessReviewItem": "decided_by",
    "requests.BreakGlassConsent": "granted_by", "requests.BreakGlassSession": "confirmed_by reviewed_by",
    "requests.Decision": "decided_by on_behalf_of", "requests.PolicyVersion": "published_by", "requests.RecreatedTable": "decided_by",
    "requests.Subgrant": "granted_by",
    "requests.WriteRequest": "decided_by",
}  # fmt: skip
"""By model, the columns that hold who decided."""
DECIDES_NOTHING = (
    r"(requested|proposed|written|created|asked|sent|started|reported|uploaded|added|set|made|taken_over|scheduled|changed|matched"
    r"|ended|withdrawn|revoked|retired|called_off|deprecated|resolved|replaced|succeeded)_by"
    r"|person|user|requester|owner|author|delegate|recipient|confirmer"
)
"""Who asks or writes, who takes away, and whom it concerns."""
OTHER_PEOPLE = {
    "catalog.Answer.answered_by", "catalog.Problem.acknowledged_by",
    "fulfilment.DriftFinding.known_by", "fulfilment.PermissionRemoval.ordered_by", "requests.Assignment.assigned_by",
}  # fmt: skip
"""They give nobody anything: an answer, work taken on, a difference that is known, access that is taken away, who is to decide."""


def list_person_columns() -> set[tuple[type[Model], str]]:
    return {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model is Person
    }


def test_every_column_that_names_a_person_is_a_decision_or_is_known_to_be_none() -> None:
    unknown = {
        f"{model._meta.label}.{name}"
        for model, name in list_person_columns()
        if name not in DECIDES.get(model._meta.label, "").split() and not re.fullmatch(DECIDES_NOTHING, name)
    }
    assert unknown == OTHER_PEOPLE


@pytest.mark.parametrize("label", sorted(DECIDES))
def test_every_table_of_decisions_says_what_they_rest_on_and_has_the_trigger(label: str, db: None) -> None:
    table = apps.get_model(label)._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgtype & 1 = 1 AND tgtype & 4 = 4 AND tgtype & 16 = 16 AND tgenabled = 'O' AND tgqual IS NULL"
            " FROM pg_trigger WHERE tgrelid = %s::regclass AND tgfoid = 'decision_demand_unbarred'::regproc",
            [table],
        )
        assert cursor.fetchall() == [(True,)]
        cursor.execute(
            "SELECT prosrc FROM pg_proc WHERE proname = 'decision_bases' AND proargtypes[0] = %s::regtype",
            [table],
        )
        ((source,),) = cursor.fetchall()
    assert all(f"'{deed}'" in source for deed in DECIDES[label].split())


def test_every_kind_that_waits_in_the_inbox_is_a_decision() -> None:
    """Problems, questions and what is stale wait for somebody's work, not for a decision; an access review is decided item by item."""
    labels = {kind.model._meta.label for kind in list_waiting_kinds()} | {Decision._meta.label}
    assert labels - {model._meta.label for model in (AccessReview, Account, Grant, Problem, Question)} <= set(
        DECIDES
    )
