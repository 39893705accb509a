"""Terms of the glossary and proposals for them, made by the verbs."""

from dataclasses import replace
from typing import Any

from catalog.glossary.actions import create_term, replace_term, update_term
from catalog.glossary.content import TermContent, compute_term_digest, read_content
from catalog.glossary.models import Term, TermProposal
from catalog.glossary.proposal_actions import propose_term, propose_term_change
from catalog.glossary.proposals import ShownProposal
from catalog.products.models import Domain
from identity.people.models import Person, PlatformRole, Team
from kernel import clock
from tests import factories
from tests.database import as_role


def make_steward(name: str = "Ruth Steiner") -> Person:
    person = factories.make_person(name)
    with as_role("meshmarket_owner"):
        PlatformRole.objects.create(person=person, role=PlatformRole.Role.STEWARD)
    return person


def build_term_content(
    name: str, domain: Domain | None, team: Team | None = None, **changes: Any
) -> TermContent:
    owner = team.pk if team else domain.owner_team_id if domain else 0
    content = TermContent(name, domain.pk if domain else None, "What it means.", (), owner)
    return replace(content, **changes)


def add_term(
    person: Person,
    name: str,
    domain: Domain | None,
    team: Team | None = None,
    *,
    is_approved: bool = True,
    **changes: Any,
) -> Term:
    content = build_term_content(name, domain, team, **changes)
    return create_term(acting_user=person, content=content, note="", now=clock.now(), is_approved=is_approved)


def change_term(
    person: Person, term: Term, *, based_on: str | None = None, note: str = "", **changes: Any
) -> Term:
    """Based on what is there now, unless `based_on` is given."""
    now = Term.objects.get(pk=term.pk)
    return update_term(
        acting_user=person,
        slug=term.slug,
        content=replace(read_content(now), **changes),
        note=note,
        based_on=compute_term_digest(now) if based_on is None else based_on,
        now=clock.now(),
    )


def replace_by(person: Person, term: Term, successor: Term) -> Term:
    shown = compute_term_digest(Term.objects.get(pk=term.pk))
    return replace_term(
        acting_user=person, slug=term.slug, successor=successor.slug, note="", shown=shown, now=clock.now()
    )


def propose_new(
    person: Person, name: str, domain: Domain | None, team: Team | None = None, **changes: Any
) -> TermProposal:
    content = build_term_content(name, domain, team, **changes)
    return propose_term(acting_user=person, content=content, reason="It is missing.", now=clock.now())


def propose_change(person: Person, term: Term, **changes: Any) -> TermProposal:
    now = Term.objects.get(pk=term.pk)
    return propose_term_change(
        acting_user=person,
        slug=term.slug,
        content=replace(read_content(now), **changes),
        reason="It is wrong.",
        based_on=compute_term_digest(now),
        now=clock.now(),
    )


def get_shown(proposal: TermProposal) -> str:
    """The digest of what its page shows just now."""
    return ShownProposal(TermProposal.objects.select_related("term").get(pk=proposal.pk)).state_digest
