"""Locks that are not taken: two transactions at once then decide on what neither of them saw."""

from tools.mutants.mutant import Mutant

LOCKS, POLICIES = "requests_app/access_requests/locks.py", "requests_app/policies/evaluation.py"
TESTS = ("tests/requests_app/test_concurrency.py",)

MUTANTS = (
    Mutant(
        "the row of a request is not locked",
        LOCKS,
        'requests.select_for_update(of=("self",)).select_related(*REQUEST_ROWS).first()',
        "requests.select_related(*REQUEST_ROWS).first()",
        ("tests/requests_app/review/test_approval.py",),
    ),
    Mutant(
        "two approvals for one principal on one table do not wait for each other",
        LOCKS,
        '    acquire_transaction_lock(AdvisoryLock.APPROVAL, f"{principal_id}:{item.table_id}")\n',
        "",
        TESTS,
    ),
    Mutant(
        "two sendings of one form do not wait for each other",
        LOCKS,
        '    acquire_transaction_lock(AdvisoryLock.IDEMPOTENCY_KEY, f"{person.pk}:{idempotency_key}")\n',
        "",
        ("tests/requests_app/test_concurrency.py",),
    ),
    Mutant(
        "a policy is put in force in the middle of a decision",
        POLICIES,
        "acquire_transaction_lock(AdvisoryLock.POLICIES, shared=shared)",
        "acquire_transaction_lock(AdvisoryLock.POLICIES, shared=True)",
        ("tests/requests_app/policies/test_locks.py",),
    ),
    Mutant(
        "two processes seal at once",
        "audit/actions.py",
        "if not try_transaction_lock(AdvisoryLock.SEALING, using=using):",
        "if try_transaction_lock(AdvisoryLock.SEALING, using=using) is None:",
        ("tests/audit/test_chain.py",),
    ),
    Mutant(
        "two passes verify at once",
        "audit/verification.py",
        "if not try_transaction_lock(AdvisoryLock.CHAIN_VERIFICATION):",
        "if try_transaction_lock(AdvisoryLock.CHAIN_VERIFICATION) is None:",
        (
            "tests/audit/test_verification_schedule.py",
            "tests/workers/housekeeping/test_audit_verification.py",
        ),
    ),
)
