"""Moves between states that must not be possible."""

from tools.mutants.mutant import Mutant

MOVES = "kernel/state_transitions.py"
ITEMS, GRANTS = "requests_app/access_requests/states.py", "requests_app/grants/states.py"
TESTS = ("tests/requests_app/test_state_transitions.py",)

MUTANTS = (
    Mutant(
        "every move between states is allowed",
        MOVES,
        "return target in self._targets[self._states(origin)]",
        "return target in self._targets",
        TESTS,
    ),
    Mutant(
        "an approved item is withdrawn",
        ITEMS,
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN},",
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN}, ItemState.APPROVED: {ItemState.WITHDRAWN},",
        ("tests/requests_app/review/test_rejection_and_withdrawal.py",),
    ),
    Mutant(
        "a rejected item is approved",
        ITEMS,
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN},",
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN}, ItemState.REJECTED: {ItemState.APPROVED},",
        TESTS,
    ),
    Mutant(
        "a returned item is approved before it is submitted again",
        ITEMS,
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN},",
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN, ItemState.APPROVED},",
        TESTS,
    ),
    Mutant(
        "a revoked grant expires",
        GRANTS,
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},",
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED}, GrantState.REVOKED: {GrantState.EXPIRED},",
        TESTS,
    ),
    Mutant(
        "a grant is revoked twice",
        GRANTS,
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},",
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED}, GrantState.REVOKED: {GrantState.REVOKED},",
        ("tests/requests_app/grants/test_revocation_and_expiry.py",),
    ),
)
