"""Proposals for terms, as far as the person may see them, and what they would make of the term."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from catalog.glossary.content import (
    TermContent,
    content_from_json,
    merge_content,
    read_content,
    read_state,
)
from catalog.glossary.may import edits_all_terms, list_term_domains, may_view_term_proposal
from catalog.glossary.models import TermProposal
from catalog.glossary.states import ProposalState
from identity.people.may import can_read_everything
from identity.people.models import Person
from kernel.errors import NotFoundError
from lakeformation.values.canonical_json import digest


@dataclass(frozen=True)
class ShownProposal:
    """A proposal beside the term of now. `content` is what the term says once it is approved."""

    proposal: TermProposal

    @property
    def is_waiting(self) -> bool:
        return self.proposal.state == ProposalState.WAITING

    @cached_property
    def content(self) -> TermContent:
        row = self.proposal
        if row.term is None or not self.is_waiting:
            return content_from_json(row.content)
        return merge_content(row.before, row.content, read_content(row.term))

    @property
    def before(self) -> dict[str, Any]:
        """What the term says now; once it is decided, what it said when it was proposed."""
        row = self.proposal
        return read_content(row.term).to_json() if row.term and self.is_waiting else dict(row.before)

    @cached_property
    def state_digest(self) -> str:
        """It changes with the proposal's state and with the term's: what a decider saw is what is decided."""
        row = self.proposal
        term = read_state(row.term) if row.term else None
        return digest([row.pk, str(row.state), term, self.content.to_json()])


def list_term_proposals(person: Person) -> QuerySet[TermProposal]:
    """What `may_view_term_proposal` allows: newest first."""
    rows = TermProposal.objects.select_related(
        "term__domain__owner_team", "proposed_by", "decided_by"
    ).order_by("-pk")
    if edits_all_terms(person) or (person.is_active and can_read_everything(person)):
        return rows
    return rows.filter(Q(proposed_by=person) | _is_in_domains(person))


def list_waiting_term_proposals(person: Person) -> QuerySet[TermProposal]:
    """Lists the proposals on which the person may decide: oldest first."""
    rows = list_term_proposals(person).filter(state=ProposalState.WAITING).order_by("pk")
    return rows if edits_all_terms(person) else rows.filter(_is_in_domains(person))


def get_term_proposal(person: Person, pk: int) -> TermProposal:
    """NotFoundError for whoever may not see it."""
    rows = TermProposal.objects.select_related(
        "term__domain__owner_team", "term__owner_team", "proposed_by", "decided_by"
    )
    found = rows.filter(pk=pk).first()
    if found is None or not may_view_term_proposal(person, found):
        raise NotFoundError
    return found


def _is_in_domains(person: Person) -> Q:
    """Selects terms of the domains in which the person may edit; a new term by the domain in which it is to be."""
    domains = list(list_term_domains(person).values_list("pk", flat=True))
    return Q(term__domain__in=domains) | Q(term=None, content__domain__in=domains)
