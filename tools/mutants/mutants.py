"""All mutants by area."""

from collections.abc import Collection

from tools.mutants.areas import access, authorization, ends, planning, search
from tools.mutants.mutant import Mutant

AREAS: dict[str, tuple[Mutant, ...]] = {
    "planning": planning.PLANNING_MUTANTS,
    "effects": planning.EFFECTS_MUTANTS,
    "authorization": authorization.MUTANTS,
    "quorum": access.QUORUM_MUTANTS,
    "policies": search.POLICIES_MUTANTS,
    "approval": access.APPROVAL_MUTANTS,
    "states": ends.STATES_MUTANTS,
    "locks": access.LOCKS_MUTANTS,
    "expiry": ends.EXPIRY_MUTANTS,
    "claim": access.CLAIM_MUTANTS,
    "proof": planning.PROOF_MUTANTS,
    "search": search.SEARCH_MUTANTS,
    "audit": ends.AUDIT_MUTANTS,
}


def select_mutants(areas: Collection[str] = (), text: str = "") -> list[tuple[str, Mutant]]:
    """Each with its area: those of `areas` (none: of all) whose name contains `text`."""
    return [
        (area, mutant)
        for area, mutants in AREAS.items()
        if not areas or area in areas
        for mutant in mutants
        if text in mutant.name
    ]
