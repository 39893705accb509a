"""Edits of terms by those who may. Each is one transaction."""

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
    get_term_domain,
    may_approve_term,
    may_create_term,
    may_replace_term,
    may_restore_term,
    may_update_term,
)
from catalog.glossary.models import Term
from catalog.glossary.states import TermState
from catalog.glossary.term_changes import (
    check_shown,
    get_locked_term,
    insert_term,
    lock_glossary,
    record_change,
    write_content,
    write_state,
)
from identity.people.models import Person
from kernel.errors import RefusedError, require_allowed


@transaction.atomic(durable=True)
def create_term(
    *, acting_user: Person, content: TermContent, note: str, now: datetime, is_approved: bool = True
) -> Term:
    """A draft unless `is_approved`. ForbiddenError for whoever may not edit terms of the domain, RefusedError for an
    invalid field.
    """
    lock_glossary()
    require_allowed(may_create_term(acting_user, get_term_domain(content.domain)))
    checked = check_content(content, None)
    term = insert_term(checked, TermState.APPROVED if is_approved else TermState.DRAFT)
    record_change("create_term", term, {}, person=acting_user, note=check_reason(note, "note"), now=now)
    return term


@transaction.atomic(durable=True)
def update_term(
    *, acting_user: Person, slug: str, content: TermContent, note: str, based_on: str, now: datetime
) -> Term:
    """`based_on` is the `compute_term_digest` of what the writer saw.

    NotFoundError when there is no such term, ForbiddenError for whoever may not edit it where it is and where it is to be,
    RefusedError for an invalid field, or for `based_on` if it changed since.
    """
    term = get_locked_term(slug)
    require_allowed(may_update_term(acting_user, term))
    checked, reason = check_content(content, term), check_reason(note, "note")
    require_allowed(may_create_term(acting_user, get_term_domain(checked.domain)))
    if compute_term_digest(term) != based_on:
        raise RefusedError(_describe_conflict(term), "based_on")
    if checked == read_content(term):
        return term
    before = read_state(term)
    write_content(term, checked)
    record_change("update_term", term, before, person=acting_user, note=reason, now=now)
    return term


@transaction.atomic(durable=True)
def approve_term(*, acting_user: Person, slug: str, shown: str, now: datetime) -> Term:
    """Approves a draft. `shown` is its `compute_term_digest`. RefusedError if it changed since."""
    term = get_locked_term(slug)
    require_allowed(may_approve_term(acting_user, term))
    check_shown(term, shown)
    before = read_state(term)
    if term.state == TermState.REPLACED:
        raise RefusedError(_("This term was replaced. Restore it instead."))
    write_state(term, TermState.APPROVED)
    record_change("approve_term", term, before, person=acting_user, note="", now=now)
    return term


@transaction.atomic(durable=True)
def replace_term(
    *, acting_user: Person, slug: str, successor: str, note: str, shown: str, now: datetime
) -> Term:
    """Readers are led to the approved term whose slug is `successor`. As a replaced term is never a successor, there is
    no cycle: a chain ends at an approved term, or grows when that is replaced.
    """
    term = get_locked_term(slug)
    require_allowed(may_replace_term(acting_user, term))
    check_shown(term, shown)
    found = (
        Term.objects.select_for_update(of=("self",)).filter(slug=successor, state=TermState.APPROVED).first()
    )
    if found is None or found == term:
        raise RefusedError(_("Choose another approved term."), "successor")
    before = read_state(term)
    write_state(term, TermState.REPLACED, found)
    record_change("replace_term", term, before, person=acting_user, note=check_reason(note, "note"), now=now)
    return term


@transaction.atomic(durable=True)
def restore_term(*, acting_user: Person, slug: str, shown: str, now: datetime) -> Term:
    """A replaced term is approved again, and leads nowhere else."""
    term = get_locked_term(slug)
    require_allowed(may_restore_term(acting_user, term))
    check_shown(term, shown)
    if term.state != TermState.REPLACED:
        raise RefusedError(_("This term was not replaced."))
    before = read_state(term)
    write_state(term, TermState.APPROVED)
    record_change("restore_term", term, before, person=acting_user, note="", now=now)
    return term


def _describe_conflict(term: Term) -> str:
    newest = term.revisions.select_related("made_by").order_by("-number").first()
    if newest is None:
        return _(
            "The term changed while you were editing. Your text is still below: compare it, and save it again."
        )
    said = _(
        "%(name)s changed the term while you were editing. Your text is still below: compare it, and save it again."
    )
    return said % {"name": newest.made_by.name}
