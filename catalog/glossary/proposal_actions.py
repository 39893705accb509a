"""Proposals for terms: made by anybody, decided by those who may edit the term. Each is one transaction."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.glossary.content import (
    TermContent,
    check_content,
    check_reason,
    compute_term_digest,
    read_content,
    read_state,
)
from catalog.glossary.may import (
    may_approve_term_proposal,
    may_propose_term,
    may_propose_term_change,
    may_reject_term_proposal,
    may_view_term_proposal,
    may_withdraw_term_proposal,
)
from catalog.glossary.models import Term, TermProposal
from catalog.glossary.proposals import ShownProposal
from catalog.glossary.states import PROPOSAL_TRANSITIONS, ProposalState, TermState
from catalog.glossary.term_changes import (
    get_locked_term,
    insert_term,
    lock_glossary,
    record_change,
    write_content,
)
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.errors import NotFoundError, RefusedError, require_allowed

MAX_WAITING = 50
"""Proposals of one person that wait at the same time."""


@transaction.atomic(durable=True)
def propose_term(*, acting_user: Person, content: TermContent, reason: str, now: datetime) -> TermProposal:
    """A new term. RefusedError for an invalid field."""
    require_allowed(may_propose_term(acting_user))
    lock_glossary()
    return _create_proposal(acting_user, None, content, reason, now)


@transaction.atomic(durable=True)
def propose_term_change(
    *, acting_user: Person, slug: str, content: TermContent, reason: str, based_on: str, now: datetime
) -> TermProposal:
    """`based_on` is the `compute_term_digest` of what the writer saw; RefusedError if the term changed since, if
    nothing changes, or for an invalid field.
    """
    require_allowed(may_propose_term_change(acting_user))
    term = get_locked_term(slug)
    if compute_term_digest(term) != based_on:
        said = _(
            "The term changed while you were editing. Your text is still below: compare it, and send it again."
        )
        raise RefusedError(said, "based_on")
    return _create_proposal(acting_user, term, content, reason, now)


@transaction.atomic(durable=True)
def approve_term_proposal(
    *, acting_user: Person, proposal_id: int, shown: str, comment: str, now: datetime
) -> Term:
    """The term says what was shown; a new one is approved. `shown` is the digest of `ShownProposal`.

    NotFoundError for whoever may not see it, ForbiddenError for who may not decide, RefusedError if something else was shown.
    """
    proposal = _lock_proposal(acting_user, proposal_id)
    require_allowed(may_approve_term_proposal(acting_user, proposal))
    content = _check_shown(proposal, shown).content
    said, term = check_reason(comment, "comment"), proposal.term
    before = read_state(term) if term else {}
    checked = check_content(content, term)
    if term:
        write_content(term, checked)
    else:
        term = insert_term(checked, TermState.APPROVED)
    proposal.term = term
    _decide(proposal, ProposalState.APPROVED, acting_user, said, now)
    record_change(
        "approve_term_proposal",
        term,
        before,
        person=acting_user,
        note=proposal.reason,
        now=now,
        proposal=proposal,
        event_data=_build_notification(proposal, said),
    )
    return term


@transaction.atomic(durable=True)
def reject_term_proposal(
    *, acting_user: Person, proposal_id: int, shown: str, comment: str, now: datetime
) -> TermProposal:
    """With a comment, which the proposer reads. Errors as for approval."""
    proposal = _lock_proposal(acting_user, proposal_id)
    require_allowed(may_reject_term_proposal(acting_user, proposal))
    _check_shown(proposal, shown)
    said = check_reason(comment, "comment", required=True)
    _decide(proposal, ProposalState.REJECTED, acting_user, said, now)
    subject = f"term_proposal:{proposal.pk}"
    record_by_person("reject_term_proposal", acting_user, subject, _build_notification(proposal, said), now)
    return proposal


@transaction.atomic(durable=True)
def withdraw_term_proposal(*, acting_user: Person, proposal_id: int, now: datetime) -> TermProposal:
    """By who made it, while nobody has decided."""
    proposal = _lock_proposal(acting_user, proposal_id)
    require_allowed(may_withdraw_term_proposal(acting_user, proposal))
    _decide(proposal, ProposalState.WITHDRAWN, None, "", now)
    record_by_person("withdraw_term_proposal", acting_user, f"term_proposal:{proposal.pk}", {}, now)
    return proposal


def _create_proposal(
    person: Person, term: Term | None, content: TermContent, reason: str, now: datetime
) -> TermProposal:
    checked, why = check_content(content, term), check_reason(reason, required=True)
    if term and checked == read_content(term):
        raise RefusedError(_("Change something: the term already says this."))
    if person.term_proposals.filter(state=ProposalState.WAITING).count() >= MAX_WAITING:
        raise RefusedError(
            _("%(most)s of your proposals wait for a decision. Withdraw one first.") % {"most": MAX_WAITING}
        )
    verb, subject = ("propose_term_change", f"term:{term.pk}") if term else ("propose_term", "glossary")
    event = record_by_person(verb, person, subject, {"what": checked.name}, now)
    return TermProposal.objects.create(
        term=term,
        content=checked.to_json(),
        before=read_content(term).to_json() if term else {},
        reason=why,
        proposed_by=person,
        proposed_at=now,
        event=event,
    )


def _lock_proposal(person: Person, pk: int) -> TermProposal:
    lock_glossary()
    rows = TermProposal.objects.select_for_update(of=("self",))
    proposal = rows.select_related("term__domain__owner_team", "proposed_by").filter(pk=pk).first()
    if proposal is None or not may_view_term_proposal(person, proposal):
        raise NotFoundError
    return proposal


def _check_shown(proposal: TermProposal, shown: str) -> ShownProposal:
    found = ShownProposal(proposal)
    if found.is_waiting and found.state_digest != shown:
        raise RefusedError(_("The term or the proposal changed in the meantime. Check it again."), "shown")
    return found


def _decide(
    proposal: TermProposal, state: ProposalState, person: Person | None, comment: str, now: datetime
) -> None:
    """IllegalTransitionError if it was decided before."""
    proposal.state = PROPOSAL_TRANSITIONS.check(proposal.state, state)
    proposal.decided_by, proposal.decided_at, proposal.comment = person, now, comment
    proposal.save(update_fields=["state", "term", "decided_by", "decided_at", "comment"])


def _build_notification(proposal: TermProposal, comment: str) -> dict[str, object]:
    """For the notification of the proposer."""
    return {"people": [proposal.proposed_by_id], "what": proposal.content["name"], "reason": comment}
