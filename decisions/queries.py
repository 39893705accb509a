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


def lock_proposal(kind: DecidedKind[Row], person: Person, pk: int) -> Row:
    """Until the transaction ends. NotFoundError for whoever may not see it."""
    row: Row | None = kind.list_visible(person).select_for_update(of=("self",)).filter(pk=pk).first()
    return _require(row)


def _require(row: Row | None) -> Row:
    if row is None:
        raise NotFoundError
    return row
