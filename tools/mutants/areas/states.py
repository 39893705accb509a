"""Moves between states that must not be possible."""

from tools.mutants.mutant import Mutant

MOVES = "requests_app/state_transitions.py"
ITEMS, GRANTS = "requests_app/access_requests/states.py", "requests_app/grants/states.py"
TESTS = ("tests/requests_app/test_state_transitions.py",)

MUTANTS = (
    Mutant(
        "every move between states is allowed",
        MOVES,
        "if target not in moves[origin]:",
        "if target not in moves:",
        TESTS,
    ),
    Mutant(
        "an approved item is withdrawn",
        ITEMS,
        "ItemState.APPROVED: frozenset(),",
        "ItemState.APPROVED: frozenset({ItemState.WITHDRAWN}),",
        ("tests/requests_app/review/test_rejection_and_withdrawal.py",),
    ),
    Mutant(
        "a rejected item is approved",
        ITEMS,
        "ItemState.REJECTED: frozenset(),",
        "ItemState.REJECTED: frozenset({ItemState.APPROVED}),",
        TESTS,
    ),
    Mutant(
        "a returned item is approved before it is submitted again",
        ITEMS,
        "ItemState.RETURNED: frozenset({ItemState.SUBMITTED, ItemState.WITHDRAWN}),",
        "ItemState.RETURNED: frozenset({ItemState.SUBMITTED, ItemState.WITHDRAWN, ItemState.APPROVED}),",
        TESTS,
    ),
    Mutant(
        "a revoked grant expires",
        GRANTS,
        "GrantState.REVOKED: frozenset(),",
        "GrantState.REVOKED: frozenset({GrantState.EXPIRED}),",
        TESTS,
    ),
    Mutant(
        "a grant is revoked twice",
        GRANTS,
        "GrantState.REVOKED: frozenset(),",
        "GrantState.REVOKED: frozenset({GrantState.REVOKED}),",
        ("tests/requests_app/grants/test_revocation_and_expiry.py",),
    ),
)
