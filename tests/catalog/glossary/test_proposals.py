"""Anybody proposes terms and changes; those who edit the term decide on exactly what they were shown."""

import pytest

from catalog.glossary.models import Term, TermProposal
from catalog.glossary.proposal_actions import (
    MAX_WAITING,
    approve_term_proposal,
    reject_term_proposal,
    withdraw_term_proposal,
)
from catalog.glossary.proposals import get_term_proposal, list_term_proposals, list_waiting_term_proposals
from identity.people.models import Person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.notifications.models import Notification
from tests import factories
from tests.bank import Bank
from tests.glossary import add_term, change_term, get_shown, make_steward, propose_change, propose_new
from tests.requests_app.notifications.projection import project_all_events

pytestmark = pytest.mark.django_db


def approve(person: Person, proposal: TermProposal, shown: str | None = None) -> Term:
    return approve_term_proposal(
        acting_user=person,
        proposal_id=proposal.pk,
        shown=get_shown(proposal) if shown is None else shown,
        comment="Agreed.",
        now=clock.now(),
    )


def reject(person: Person, proposal: TermProposal, comment: str = "Not now.") -> TermProposal:
    return reject_term_proposal(
        acting_user=person,
        proposal_id=proposal.pk,
        shown=get_shown(proposal),
        comment=comment,
        now=clock.now(),
    )


def test_a_new_term_is_proposed_and_approved(bank: Bank) -> None:
    proposal = propose_new(bank.ana, "Loss ratio", bank.domain, synonyms=("claims ratio",))
    assert not Term.objects.exists()
    term = approve(bank.ines, proposal)
    assert (term.state, term.name, term.synonyms) == ("approved", "Loss ratio", ["claims ratio"])
    decided = TermProposal.objects.get()
    assert (decided.state, decided.decided_by, decided.comment) == ("approved", bank.ines, "Agreed.")
    revision = term.revisions.get()
    assert (revision.proposal, revision.note, revision.made_by) == (decided, "It is missing.", bank.ines)


def test_a_change_keeps_what_others_changed_meanwhile(bank: Bank) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    proposal = propose_change(bank.ana, term, definition="Damage.")
    change_term(bank.ines, term, synonyms=("harm",))
    approve(bank.ines, proposal)
    term.refresh_from_db()
    assert (term.definition, term.synonyms) == ("Damage.", ["harm"])


def test_what_changed_since_it_was_shown_is_not_decided(bank: Bank) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    proposal = propose_change(bank.ana, term, definition="Damage.")
    shown = get_shown(proposal)
    change_term(bank.ines, term, definition="Harm.")
    with pytest.raises(RefusedError) as refused:
        approve(bank.ines, proposal, shown)
    assert refused.value.field == "shown"
    assert Term.objects.get().definition == "Harm."
    assert TermProposal.objects.get().state == "waiting"


def test_who_decides(bank: Bank) -> None:
    sam_owns = factories.make_domain(factories.make_team("Cards", owners=[bank.sam]), "Credit Cards")
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    with pytest.raises(ForbiddenError):  # one's own
        approve(bank.ana, proposal)
    with pytest.raises(NotFoundError):
        approve(bank.sam, proposal)
    assert approve(make_steward(), proposal).name == "Loss"
    own = propose_new(bank.ines, "Harm", bank.domain)
    assert approve(bank.ines, own).name == "Harm"  # who could have written it anyway
    move = propose_change(bank.ana, Term.objects.get(name="Loss"), domain=sam_owns.pk)
    for person in (bank.ines, bank.sam):  # each edits one of the two domains
        with pytest.raises((ForbiddenError, NotFoundError)):
            approve(person, move)
    assert reject(bank.ines, move).state == "rejected"


def test_who_sees_it(bank: Bank) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    auditor, steward = factories.make_auditor(), make_steward()
    for person in (bank.ana, bank.ines, steward, bank.greta, auditor):
        assert get_term_proposal(person, proposal.pk) == proposal
        assert list(list_term_proposals(person)) == [proposal]
    with pytest.raises(NotFoundError):
        get_term_proposal(bank.sam, proposal.pk)
    assert not list_term_proposals(bank.sam)
    waits = [
        person
        for person in (bank.ana, bank.ines, steward, auditor, bank.sam)
        if list_waiting_term_proposals(person)
    ]
    assert waits == [bank.ines, steward]


def test_a_term_of_the_whole_organisation_is_decided_by_stewards(bank: Bank) -> None:
    proposal = propose_new(bank.ines, "Customer", None, bank.bi)
    with pytest.raises(ForbiddenError):
        approve(bank.ines, proposal)
    assert approve(make_steward(), proposal).domain is None


def test_a_rejection_needs_a_comment_and_is_final(bank: Bank) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    with pytest.raises(RefusedError) as refused:
        reject(bank.ines, proposal, "  ")
    assert refused.value.field == "comment"
    reject(bank.ines, proposal)
    for decide in (approve, reject):
        with pytest.raises(IllegalTransitionError):
            decide(bank.ines, proposal)
    assert not Term.objects.exists()


def test_only_who_proposed_it_withdraws_it(bank: Bank) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    with pytest.raises(ForbiddenError):
        withdraw_term_proposal(acting_user=bank.ines, proposal_id=proposal.pk, now=clock.now())
    withdraw_term_proposal(acting_user=bank.ana, proposal_id=proposal.pk, now=clock.now())
    assert TermProposal.objects.get().state == "withdrawn"
    with pytest.raises(IllegalTransitionError):
        approve(bank.ines, proposal)


def test_a_name_that_was_taken_meanwhile_is_refused(bank: Bank) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    add_term(bank.ines, "loss", bank.domain)
    with pytest.raises(RefusedError) as refused:
        approve(bank.ines, proposal)
    assert refused.value.field == "name"
    assert TermProposal.objects.get().state == "waiting"


def test_a_proposal_changes_something(bank: Bank) -> None:
    term = add_term(bank.ines, "Loss", bank.domain)
    with pytest.raises(RefusedError, match="Change something"):
        propose_change(bank.ana, term)


def test_not_everything_is_proposed_at_once(bank: Bank) -> None:
    for number in range(MAX_WAITING):
        propose_new(bank.ana, f"Word {number}", bank.domain)
    with pytest.raises(RefusedError, match="Withdraw one first"):
        propose_new(bank.ana, "One more", bank.domain)


@pytest.mark.parametrize(("decide", "word"), [(approve, "approved"), (reject, "rejected")])
def test_who_proposed_it_is_told(bank: Bank, decide: object, word: str) -> None:
    proposal = propose_new(bank.ana, "Loss", bank.domain)
    decide(bank.ines, proposal)  # type: ignore[operator]
    project_all_events()
    (notice,) = Notification.objects.filter(page="glossary-proposal")
    assert (notice.person, notice.page_id) == (bank.ana, proposal.pk)
    assert notice.text.startswith(f"Ines Roth {word} your proposal for the term “Loss”")
