"""Proposing a tag change and deciding on it: who may, in which state, and on which effects."""

import pytest

from audit.models import Event
from catalog.mirror.models import Database
from catalog.tag_changes.errors import TagEffectsChangedError
from catalog.tag_changes.kind import TAG_CHANGE
from catalog.tag_changes.models import TagChange
from catalog.tag_changes.queries import compute_current_effects, get_status, list_tag_changes
from catalog.tag_changes.states import TagChangeStatus
from decisions.actions import reject_proposal, withdraw_proposal
from decisions.queries import get_proposal
from decisions.states import DecisionState
from fulfilment.intents.models import Intent
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from lakeformation.tagging import TagAssignment, TagDefinition, TagTarget
from requests_app.grants.justification import find_unjustified
from tests import factories
from tests.bank import make_owner_developer
from tests.tag_changes import KEY, OUTSIDER, TaggingBank


def test_an_approval_writes_an_intent_with_the_effects_that_were_shown(tagging: TaggingBank) -> None:
    tagging.observe_reader()
    change = tagging.propose()
    assert [(one["principal"], one["lost"], one["gained"]) for one in change.effects["access"]] == [
        (OUTSIDER, ["amount"], [])
    ]
    done = tagging.approve(change)
    assert done.intent is not None
    assert (done.intent.effects, done.intent.effects_hash) == (change.effects, change.effects_hash)
    assert done.intent.scope_key == f"catalog:{tagging.bank.catalog.pk}"
    assert get_status(done) == TagChangeStatus.APPLYING
    assert find_unjustified([done.intent]) == {}
    events = Event.objects.filter(subject=change.subject).order_by("pk")
    assert list(events.values_list("verb", flat=True)) == ["propose_tag_change", "approve_tag_change"]


def test_a_value_that_opens_more_shows_who_gains(tagging: TaggingBank) -> None:
    tagging.observe_reader("public")
    change = tagging.propose([tagging.assign("amount", "public")])
    access = change.effects["access"]
    assert [(one["principal"], one["gained"], one["opens"]) for one in access] == [
        (OUTSIDER, ["amount"], True)
    ]


def test_only_data_owners_of_the_data_decide_and_never_who_proposed_it(tagging: TaggingBank) -> None:
    bank = tagging.bank
    change = tagging.propose(by=bank.ines)
    for person in (bank.ines, bank.greta):
        with pytest.raises(ForbiddenError):
            tagging.approve(change, by=person)
    with pytest.raises(NotFoundError):
        tagging.approve(change, by=bank.sam)
    assert tagging.approve(change, by=bank.ivo).state == DecisionState.APPROVED


def test_who_may_propose(tagging: TaggingBank) -> None:
    bank = tagging.bank
    for person in (bank.ana, bank.sam, make_owner_developer(bank)):
        with pytest.raises(ForbiddenError):
            tagging.propose(by=person)
    with pytest.raises(ForbiddenError):
        tagging.propose([], [TagDefinition("centre", ("1",))], by=bank.ines)
    assert not TagChange.objects.exists()
    for allowed in (bank.ines, bank.greta, tagging.ruth):
        tagging.propose(by=allowed)


def test_keys_are_approved_by_governance_besides_the_owners(tagging: TaggingBank) -> None:
    bank, claims = tagging.bank, tagging.bank.claims
    target = TagTarget(claims.database.name, claims.name)
    change = tagging.propose([TagAssignment(target, "Centre", "4711")], [TagDefinition("CENTRE", ("4711",))])
    assert tagging.approve(change).state == DecisionState.WAITING
    with pytest.raises(ForbiddenError, match="already approved"):
        tagging.approve(change)
    done = tagging.approve(change, by=bank.greta)
    assert (done.state, done.approvals.count()) == (DecisionState.APPROVED, 2)
    assert done.definitions[0]["key"] == "centre"


def test_effects_that_changed_meanwhile_are_refused_and_shown(tagging: TaggingBank) -> None:
    change = tagging.propose()
    tagging.observe_reader()
    with pytest.raises(RefusedError) as refused:
        tagging.approve(change)
    assert refused.value.field == "effects_hash"
    effects = compute_current_effects(change)
    assert [one.lost for one in effects.access] == [("amount",)]
    assert not Intent.objects.exists()
    tagging.approve(change, effects_hash=effects.digest())
    change.refresh_from_db()
    assert change.effects["access"][0]["lost"] == ["amount"]


def test_an_approval_of_other_effects_does_not_count(tagging: TaggingBank) -> None:
    """The second team's approval comes after the effects changed: the first team approves again."""
    bank = tagging.bank
    second = factories.make_team("Risk", owners=[(risk := factories.make_person("Rita Risk"))])
    domain = factories.make_domain(second, "Risk")
    other = factories.make_table(factories.make_database(bank.catalog, domain, "risk_gold"), "scores")
    target = TagTarget("risk_gold", other.name, other.columns.all()[0].name)
    change = tagging.propose([tagging.assign("amount"), TagAssignment(target, KEY, "sensitive")])
    tagging.approve(change)
    tagging.observe_reader()
    now = TagChange.objects.get(pk=change.pk)
    with pytest.raises(RefusedError, match="has changed"):
        tagging.approve(now, by=risk)
    shown = compute_current_effects(now).digest()
    assert tagging.approve(now, by=risk, effects_hash=shown).state == DecisionState.WAITING
    assert tagging.approve(now, effects_hash=shown).state == DecisionState.APPROVED


def test_a_proposal_of_other_effects_than_shown_is_refused(tagging: TaggingBank) -> None:
    with pytest.raises(TagEffectsChangedError):
        tagging.propose(effects_hash="0" * 64)
    assert not TagChange.objects.exists()


def test_a_closed_change_is_closed(tagging: TaggingBank) -> None:
    rejected, withdrawn = tagging.propose(), tagging.propose()
    now, ines = clock.now(), tagging.bank.ines
    with pytest.raises(RefusedError) as refused:
        reject_proposal(kind=TAG_CHANGE, acting_user=ines, pk=rejected.pk, reason=" ", now=now)
    assert refused.value.field == "reason"
    reject_proposal(kind=TAG_CHANGE, acting_user=ines, pk=rejected.pk, reason="Not so.", now=now)
    with pytest.raises(ForbiddenError):
        withdraw_proposal(kind=TAG_CHANGE, acting_user=ines, pk=withdrawn.pk, now=now)
    withdraw_proposal(kind=TAG_CHANGE, acting_user=tagging.ruth, pk=withdrawn.pk, comment="Not yet.", now=now)
    withdrawn.refresh_from_db()
    assert (withdrawn.closed_by, withdrawn.closed_at, withdrawn.end_reason) == (tagging.ruth, now, "Not yet.")
    for change in (rejected, withdrawn):
        with pytest.raises(IllegalTransitionError):
            tagging.approve(change)
    assert not Intent.objects.exists()


def test_who_sees_what(tagging: TaggingBank) -> None:
    bank = tagging.bank
    change = tagging.propose()
    for person in (bank.ines, bank.greta, tagging.ruth, factories.make_auditor()):
        assert get_proposal(TAG_CHANGE, person, change.pk) == change
        assert list(list_tag_changes(person)) == [change]
    for stranger in (bank.ana, bank.sam):
        assert list(list_tag_changes(stranger)) == []
        with pytest.raises(NotFoundError):
            get_proposal(TAG_CHANGE, stranger, change.pk)


def test_what_no_team_owns_is_decided_by_governance(tagging: TaggingBank) -> None:
    Database.objects.filter(pk=tagging.bank.claims.database_id).update(domain=None)
    change = tagging.propose()
    with pytest.raises(NotFoundError):
        tagging.approve(change)
    assert tagging.approve(change, by=tagging.bank.greta).state == DecisionState.APPROVED
