"""The intents of a scope as the pure core sees them."""

from fulfilment.models import Intent
from lakeformation.desired import Claim
from lakeformation.effects import approved_atoms
from lakeformation.wanted import Access

SETTLED = (Intent.Presence.ABSENT, Intent.Presence.STALE)


def claims_of(scope_key: str) -> tuple[list[Claim], dict[int, Intent]]:
    """Claims of every intent of the scope that still matters, and the intents as read, by id.

    One that is proven absent claims nothing any more: what its principal holds since is not ours.
    """
    intents = {
        intent.pk: intent
        for intent in Intent.objects.filter(scope_key=scope_key).order_by("pk")
        if not (intent.presence in SETTLED and intent.proven_generation == intent.generation)
    }
    return [_claim(intent) for intent in intents.values()], intents


def _claim(intent: Intent) -> Claim:
    return Claim(
        intent=intent.pk,
        access=Access.from_json(intent.wanted),
        approved=approved_atoms(intent.effects),
        expires_at=intent.expires_at,
        ended_at=intent.ended_at,
    )
