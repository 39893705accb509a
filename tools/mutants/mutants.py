"""All mutants by area."""

from collections.abc import Collection

from tools.mutants.areas import (
    approval,
    audit,
    authorization,
    claim,
    effects,
    expiry,
    locks,
    planning,
    policies,
    proof,
    quorum,
    search,
    states,
)
from tools.mutants.mutant import Mutant

AREAS: dict[str, tuple[Mutant, ...]] = {
    "planning": planning.MUTANTS,
    "effects": effects.MUTANTS,
    "authorization": authorization.MUTANTS,
    "quorum": quorum.MUTANTS,
    "policies": policies.MUTANTS,
    "approval": approval.MUTANTS,
    "states": states.MUTANTS,
    "locks": locks.MUTANTS,
    "expiry": expiry.MUTANTS,
    "claim": claim.MUTANTS,
    "proof": proof.MUTANTS,
    "search": search.MUTANTS,
    "audit": audit.MUTANTS,
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
