"""Proposals for the glossary as a kind of decision."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy, ngettext

from catalog.glossary.may import (
    EDITOR_ROLES,
    get_term_domain,
    list_proposal_deciders,
    may_approve_term_proposal,
)
from catalog.glossary.models import TermProposal
from catalog.glossary.proposals import list_waiting_term_proposals
from catalog.glossary.states import ProposalState
from catalog.products.models import Domain
from decisions.kinds import Kind, register
from identity.people.models import Membership


def select_for_role(role: str, team: Any) -> Q | None:
    if team is None and role in EDITOR_ROLES:
        return Q()
    if team is not None and role == Membership.Role.DATA_OWNER:
        domains = list(Domain.objects.filter(owner_team=team).values_list("pk", flat=True))
        return Q(term__domain__in=domains) | Q(term=None, content__domain__in=domains)
    return None


def get_domain(proposal: TermProposal) -> Domain | None:
    return proposal.term.domain if proposal.term else get_term_domain(proposal.content.get("domain"))


TERM_PROPOSAL = register(
    Kind(
        name="term_proposal",
        model=TermProposal,
        waits=Q(state=ProposalState.WAITING),
        list_visible=list_waiting_term_proposals,
        may_decide=may_approve_term_proposal,
        list_deciders=list_proposal_deciders,
        select_for_role=select_for_role,
        get_domain=get_domain,
        describe=lambda row: str(row.content.get("name", "")),
        label=gettext_lazy("glossary proposal"),
        person_field="proposed_by",
        time_field="proposed_at",
        describe_count=lambda n: ngettext("%(n)d glossary proposal", "%(n)d glossary proposals", n),
        page="glossary-proposal",
        listing="glossary-proposals",
        is_for_anyone=True,
    )
)
