"""How a term is written: in the order lock, check, write, revision, so that search and history follow each change."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from catalog.glossary.content import TermContent, compute_term_digest, read_state
from catalog.glossary.may import get_term_domain
from catalog.glossary.models import Term, TermProposal, TermRevision
from catalog.glossary.states import TERM_TRANSITIONS, TermState
from catalog.search.index.tokenizer import words
from catalog.search.index.vocabulary import get_stems
from identity.people.events import record_by_person
from identity.people.models import Person
from kernel.advisory_locks import AdvisoryLock, acquire_transaction_lock
from kernel.errors import NotFoundError, RefusedError
from kernel.text import build_slug, choose_free_slug

RESERVED_SLUGS = frozenset({"new", "propose", "proposals"})
"""Addresses of the glossary that are no terms."""


def lock_glossary() -> None:
    """One writer at a time: names are compared across terms, and successors must stay approved meanwhile."""
    acquire_transaction_lock(AdvisoryLock.GLOSSARY)


def get_locked_term(slug: str) -> Term:
    """NotFoundError when there is none."""
    lock_glossary()
    rows = Term.objects.select_for_update(of=("self",)).select_related("domain__owner_team", "owner_team")
    term = rows.filter(slug=slug).first()
    if term is None:
        raise NotFoundError
    return term


def check_shown(term: Term, shown: str) -> None:
    """RefusedError if the term changed since `shown`, its `compute_term_digest`."""
    if compute_term_digest(term) != shown:
        raise RefusedError(_("The term changed in the meantime. Check it again."), "shown")


def insert_term(content: TermContent, state: TermState) -> Term:
    base, domain = build_slug(content.name, "term"), get_term_domain(content.domain)
    candidates = (base, build_slug(f"{base}-{domain.slug}", base)) if domain else (base,)
    taken = set(Term.objects.filter(slug__startswith=base).values_list("slug", flat=True)) | RESERVED_SLUGS
    term = Term(slug=choose_free_slug(candidates, taken), state=state)
    _fill(term, content)
    term.save()
    index_terms([term.pk])
    return term


def write_content(term: Term, content: TermContent) -> None:
    _fill(term, content)
    term.save(update_fields=["name", "domain", "definition", "synonyms", "owner_team"])
    index_terms([term.pk])


def write_state(term: Term, state: TermState, successor: Term | None = None) -> None:
    """IllegalTransitionError if the state does not lead there."""
    term.state = TERM_TRANSITIONS.check(term.state, state)
    term.replaced_by = successor
    term.save(update_fields=["state", "replaced_by"])


def record_change(
    verb: str,
    term: Term,
    before: dict[str, Any],
    *,
    person: Person,
    note: str,
    now: datetime,
    proposal: TermProposal | None = None,
    event_data: dict[str, Any] | None = None,
) -> TermRevision:
    """The audit event and the revision. `event_data` goes into the event, for the notification of its people."""
    newest = term.revisions.order_by("-number").first()
    number = newest.number + 1 if newest else 1
    subject = f"term_proposal:{proposal.pk}" if proposal else f"term:{term.pk}"
    data = {"term": term.slug, "revision": number, **(event_data or {})}
    event = record_by_person(verb, person, subject, data, now)
    return TermRevision.objects.create(
        term=term,
        number=number,
        before=before,
        after=read_state(term),
        note=note,
        proposal=proposal,
        made_by=person,
        made_at=now,
        event=event,
    )


def _fill(term: Term, content: TermContent) -> None:
    term.name, term.definition, term.synonyms = content.name, content.definition, list(content.synonyms)
    term.domain_id, term.owner_team_id = content.domain, content.owner_team


def index_terms(ids: Collection[int] | None = None) -> int:
    """Write the keys of these terms, or of all. Returns how many differed."""
    rows = Term.objects.all() if ids is None else Term.objects.filter(pk__in=ids)
    folded = {term: [[word.text for word in words(name)] for name in term.names] for term in rows}
    stems = get_stems({word for names in folded.values() for name in names for word in name})
    changed = []
    for term, names in folded.items():
        keys = [" ".join(stems[word] for word in name if word in stems) for name in names]
        if keys != term.keys:
            term.keys = keys
            changed.append(term)
    Term.objects.bulk_update(changed, ["keys"])
    return len(changed)
