"""Rows of any kind, as far as a person may see them."""

from typing import TypeVar

from decisions.kinds import DecidedKind, Person
from decisions.models import Proposal
from kernel.errors import NotFoundError

Row = TypeVar("Row", bound=Proposal)


def get_proposal(kind: DecidedKind[Row], person: Person, pk: int) -> Row:
    """NotFoundError for whoever may not see it."""
    row: Row | None = kind.list_visible(person).filter(pk=pk).first()
    return _require(row)


def get_current_proposal(kind: DecidedKind[Row], person: Person, pk: int) -> Row:
    """While it waits, with what it would do now."""
    row = get_proposal(kind, person, pk)
    if kind.refresh is not None and row.is_waiting:
        kind.refresh(row)
    return row


def lock_proposal(kind: DecidedKind[Row], person: Person, pk: int) -> Row:
    """Until the transaction ends. NotFoundError for whoever may not see it."""
    rows = kind.list_visible(person).prefetch_related(None).filter(pk=pk)
    if kind.lock_first is not None:
        kind.lock_first(_require(rows.first()))
    row: Row | None = rows.select_for_update(of=("self",)).first()
    return _require(row)


def _require(row: Row | None) -> Row:
    if row is None:
        raise NotFoundError
    return row
