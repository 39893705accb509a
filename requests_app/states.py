"""The life cycles of items and grants: one table each. An illegal move has its own error."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from django.db.models import TextChoices

State = TypeVar("State", bound=TextChoices)


class ItemState(TextChoices):
    SUBMITTED = "submitted", "waiting for the owner"
    RETURNED = "returned", "back with who asked, for a change"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"


class GrantState(TextChoices):
    LIVE = "live", "live"
    REVOKED = "revoked", "revoked"
    EXPIRED = "expired", "expired"


class CampaignState(TextChoices):
    OPEN = "open", "open"
    CLOSED = "closed", "closed: its time is over and every line has its answer"
    CALLED_OFF = "called_off", "called off: what nobody answered goes on"


class LineState(TextChoices):
    OPEN = "open", "waiting for a word"
    KEPT = "kept", "kept"
    REVOKED = "revoked", "revoked"
    DEFAULTED = "defaulted", "ended, as nobody kept it"
    ENDED = "ended", "ended meanwhile by something else"


class BreakGlassState(TextChoices):
    ASKED = "asked", "waiting for the second name"
    CONFIRMED = "confirmed", "confirmed; to be reviewed by an owner"
    REVIEWED = "reviewed", "reviewed"


ITEM_MOVES: dict[ItemState, frozenset[ItemState]] = {
    ItemState.SUBMITTED: frozenset(
        {ItemState.APPROVED, ItemState.REJECTED, ItemState.RETURNED, ItemState.WITHDRAWN}
    ),
    ItemState.RETURNED: frozenset({ItemState.SUBMITTED, ItemState.WITHDRAWN}),
    ItemState.APPROVED: frozenset(),
    ItemState.REJECTED: frozenset(),
    ItemState.WITHDRAWN: frozenset(),
}
GRANT_MOVES: dict[GrantState, frozenset[GrantState]] = {
    GrantState.LIVE: frozenset({GrantState.REVOKED, GrantState.EXPIRED}),
    GrantState.REVOKED: frozenset(),
    GrantState.EXPIRED: frozenset(),
}
CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.OPEN: frozenset({CampaignState.CLOSED, CampaignState.CALLED_OFF}),
    CampaignState.CLOSED: frozenset(),
    CampaignState.CALLED_OFF: frozenset(),
}
LINE_MOVES: dict[LineState, frozenset[LineState]] = {
    LineState.OPEN: frozenset({LineState.KEPT, LineState.REVOKED, LineState.DEFAULTED, LineState.ENDED}),
    LineState.KEPT: frozenset({LineState.REVOKED}),
    LineState.REVOKED: frozenset(),
    LineState.DEFAULTED: frozenset(),
    LineState.ENDED: frozenset(),
}
BREAK_GLASS_MOVES: dict[BreakGlassState, frozenset[BreakGlassState]] = {
    BreakGlassState.ASKED: frozenset({BreakGlassState.CONFIRMED}),
    BreakGlassState.CONFIRMED: frozenset({BreakGlassState.REVIEWED}),
    BreakGlassState.REVIEWED: frozenset(),
}


class IllegalMoveError(Exception):
    """The row is no longer in a state from which this move leads; nothing was changed."""

    def __init__(self, origin: StrEnum | str, target: StrEnum | str) -> None:
        super().__init__(f"cannot go from {origin} to {target}")
        self.origin = str(origin)
        self.target = str(target)


def item_move(origin: ItemState, target: ItemState) -> ItemState:
    """`target`, if the table allows it from `origin`; else IllegalMoveError."""
    return moved(ITEM_MOVES, origin, target)


def grant_move(origin: GrantState, target: GrantState) -> GrantState:
    """`target`, if the table allows it from `origin`; else IllegalMoveError."""
    return moved(GRANT_MOVES, origin, target)


def campaign_move(origin: CampaignState, target: CampaignState) -> CampaignState:
    """`target`, if the table allows it from `origin`; else IllegalMoveError."""
    return moved(CAMPAIGN_MOVES, origin, target)


def line_move(origin: LineState, target: LineState) -> LineState:
    """`target`, if the table allows it from `origin`; else IllegalMoveError."""
    return moved(LINE_MOVES, origin, target)


def break_glass_move(origin: BreakGlassState, target: BreakGlassState) -> BreakGlassState:
    """`target`, if the table allows it from `origin`; else IllegalMoveError."""
    return moved(BREAK_GLASS_MOVES, origin, target)


def moved(moves: Mapping[State, frozenset[State]], origin: State, target: State) -> State:
    """`target`, if the table of moves allows it from `origin`; else IllegalMoveError."""
    if target not in moves[origin]:
        raise IllegalMoveError(origin, target)
    return target
