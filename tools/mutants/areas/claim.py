"""Two workers in one scope, and scopes that nobody works on."""

from tools.mutants.mutant import Mutant

CLAIM = "workers/engine/claim.py"
TESTS = ("tests/workers/engine/test_claim.py",)

MUTANTS = (
    Mutant(
        "a scope that another worker holds is claimed",
        CLAIM,
        "(s.lease_until IS NULL OR s.lease_until < clock_timestamp())",
        "(s.lease_until IS NULL OR s.lease_until > clock_timestamp())",
        ("tests/workers/engine/test_claim.py::test_eight_workers_at_once_never_share_a_scope",),
    ),
    Mutant(
        "a claim keeps the epoch of the one before",
        CLAIM,
        "SET epoch = s.epoch + 1, owner = %s",
        "SET epoch = s.epoch, owner = %s",
        TESTS,
    ),
    Mutant(
        "a worker whose lease ran out goes on writing",
        CLAIM,
        "AND owner = %s AND lease_until > clock_timestamp()",
        "AND owner = %s",
        TESTS,
    ),
    Mutant(
        "a former owner is not fenced",
        CLAIM,
        "epoch = %s AND owner = %s AND lease_until",
        "epoch >= %s AND %s <> '' AND lease_until",
        TESTS,
    ),
    Mutant(
        "a former owner releases the scope of the next one",
        CLAIM,
        '" WHERE id = %s AND epoch = %s",',
        '" WHERE id = %s AND epoch >= %s",',
        TESTS,
    ),
    Mutant(
        "wake-ups that came during a round are deleted with it",
        CLAIM,
        'DELETE_WAKES = "DELETE FROM fulfilment_wake WHERE id = ANY (%s)"',
        'DELETE_WAKES = "DELETE FROM fulfilment_wake WHERE id >= ANY (%s)"',
        TESTS,
    ),
    Mutant(
        "an urgent wake-up waits for the back-off",
        CLAIM,
        "OR s.not_before <= clock_timestamp() OR need.urged)",
        "OR s.not_before <= clock_timestamp())",
        (*TESTS, "tests/workers/engine/test_backoff_of_scopes.py"),
    ),
    Mutant(
        "a scope is not due when one of its intents expires",
        CLAIM,
        "i.expires_at <= meshmarket_now() AND i.presence <> 'absent')",
        "i.expires_at <= meshmarket_now() AND i.presence = 'absent')",
        (*TESTS, "tests/workers/engine/test_grant_and_revoke.py"),
    ),
    Mutant(
        "scopes of an account that does not answer are claimed",
        CLAIM,
        "AND q.retry_at > clock_timestamp())",
        "AND q.retry_at < clock_timestamp())",
        ("tests/workers/engine/test_account_outage.py",),
    ),
)
