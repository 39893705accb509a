"""The Data Catalog's own resource policy, one for each account and region."""

from dataclasses import dataclass, field
from datetime import datetime

from mocklake.iam.policy_documents import Statement, statements
from mocklake.world import World

NAME = "glue.policies"


@dataclass(frozen=True)
class Policy:
    """`text` is the document as it was put."""

    text: str
    hash: str
    created_at: datetime
    updated_at: datetime


@dataclass
class PolicyStore:
    by_place: dict[tuple[str, str], Policy] = field(default_factory=dict)
    """By (account, region)."""


def policies_of(world: World) -> PolicyStore:
    store: PolicyStore = world.stores.setdefault(NAME, PolicyStore())
    return store


def statements_of(world: World, account: str, region: str) -> list[Statement]:
    """Empty without a policy, which most accounts never have."""
    found = policies_of(world).by_place.get((account, region))
    return statements(found.text) if found else []
