"""What an account passes on of its envelope: never more than the envelope is, and no longer than it lasts.

An envelope is what an owner granted to an account as a whole. AWS lets a reader see what both sides grant (AWS,
"cross-account notes"), but keeps what was passed on when the envelope goes, so that a later one would wake it. So
whatever is passed on ends with its envelope, by comparison, whatever its own row says.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from lakeformation.access.access import Access
from lakeformation.planning.desired import Wish

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def within_envelopes(wishes: Iterable[Wish]) -> list[Wish]:
    """The wishes of a share scope, those that are passed on ended where their envelope is."""
    every = list(wishes)
    by_intent = {wish.intent: wish for wish in every}
    return [
        _within(wish, by_intent.get(wish.access.envelope)) if wish.access.envelope else wish for wish in every
    ]


def fits(access: Access, envelope: Access) -> bool:
    """Whether an envelope holds all of what is passed on. Of a row rule, all of its cells or none: AWS passes on a
    data cells filter as it is. Nothing is passed on of what reaches many tables.
    """
    same = ("consumer", "owner", "region", "database", "table", "table_created", "row_rule", "metadata_only")
    if not envelope.is_envelope or envelope.reaches_many or access.reaches_many:
        return False
    if any(getattr(access, one) != getattr(envelope, one) for one in same):
        return False
    if envelope.row_rule:
        return access.columns == envelope.columns
    return access.columns <= envelope.passable


def _within(wish: Wish, envelope: Wish | None) -> Wish:
    if envelope is None or not fits(wish.access, envelope.access):
        return replace(wish, ended_at=wish.ended_at or LONG_AGO)
    ends = [end for end in (wish.expires_at, envelope.expires_at) if end]
    return replace(wish, ended_at=wish.ended_at or envelope.ended_at, expires_at=min(ends) if ends else None)
