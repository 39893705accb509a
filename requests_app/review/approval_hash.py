"""The hash by which an approval names what was shown: the effects, and how long they last."""

from datetime import UTC, datetime

from lakeformation.effects.table_effects import Effects
from lakeformation.values.canonical_json import digest
from requests_app.access_requests.models import RequestItem
from requests_app.review.terms import NOT_NARROWED, NarrowedTerms
from requests_app.targets.access import compute_effects


def compute_approval_hash(item: RequestItem, effects: Effects, narrowed: NarrowedTerms = NOT_NARROWED) -> str:
    """SHA-256 of the effects of approving `item`, its end, and the earlier end that `narrowed` sets. 64 hexadecimal digits.

    A trial and hours count from the decision on, so they are bound as a number and not as the time that they lead to.
    """
    return digest(
        {
            "effects": effects.digest(),
            "asked_until": _format_utc(item.ends_at),
            "ends_at": _format_utc(narrowed.ends_at) if narrowed.ends_at else None,
            "trial_days": narrowed.trial_days,
            "hours": narrowed.hours,
        }
    )


def compute_item_approval_hash(item: RequestItem) -> str:
    """The `compute_approval_hash` of the whole of an item, from the mirror as it is now."""
    return compute_approval_hash(item, compute_effects(item))


def _format_utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
