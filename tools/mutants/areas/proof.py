"""Access that counts as proven though nobody read it back from AWS."""

from tools.mutants.mutant import Mutant

PROOFS = "workers/engine/proofs.py"
SETTLE, STATUS = "workers/engine/rounds.py", "requests_app/grants/status/proof.py"
ENGINE = "tests/workers/engine"
GRANT_TESTS = (f"{ENGINE}/test_grant_and_revoke.py",)
STATUS_TESTS = ("tests/requests_app/grants/test_status.py",)

MUTANTS = (
    Mutant(
        "an ended intent is proven absent before its permissions are revoked",
        PROOFS,
        "        if wish.intent_id in touched:\n",
        "        if wish.intent_id in touched and wish.is_live(now):\n",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "a live intent is proven present before its permissions are granted",
        PROOFS,
        "        if wish.intent_id in touched:\n",
        "        if wish.intent_id in touched and not wish.is_live(now):\n",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "an intent that changed since the plan is proven by it",
        PROOFS,
        "if generations.get(pk) == one.intent.generation}",
        "if generations.get(pk) is not None}",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "access counts as usable while IAMAllowedPrincipals holds the table",
        PROOFS,
        "is_guarded and not seen.is_open_to_iam(access)",
        "is_guarded",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "rows count as shown while a row-level security policy may decide on them",
        PROOFS,
        "return None if is_open and seen.get_row_doubt(access) else is_open",
        "return is_open",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "a grant counts as gone while a row-level security policy is attached to its principal",
        "lakeformation/observation/reading.py",
        "if one.principal]",
        "if one.is_default]",
        ("tests/lakeformation/values/test_row_policies.py",),
    ),
    Mutant(
        "a scope is planned while a call without an answer may still land",
        SETTLE,
        "if step.open_until and step.open_until > lease.began_at]",
        "if step.open_until and step.open_until < lease.began_at]",
        (f"{ENGINE}/test_settle.py",),
    ),
    Mutant(
        "a scope is read before the last changes are visible",
        SETTLE,
        "if shown_from and shown_from > lease.began_at:",
        "if shown_from and shown_from < lease.began_at:",
        (f"{ENGINE}/test_visibility_delay.py",),
    ),
    Mutant(
        "refused changes are sent again at once",
        "workers/engine/backoff.py",
        "if key in keys and at > lease.began_at}",
        "if key in keys and at < lease.began_at}",
        (f"{ENGINE}/test_refusal_backoff.py",),
    ),
    Mutant(
        "more removals than the valve lets through are sent",
        "workers/engine/share_round.py",
        "if len(gone) > valve.always_removed and share > valve.most_removed:",
        "if len(gone) > valve.always_removed and share > 100:",
        (f"{ENGINE}/test_valves.py",),
    ),
    Mutant(
        "a grant whose proof is out of date shows as proven",
        STATUS,
        "return intent.is_proven and intent.presence == Intent.Presence.PRESENT",
        "return intent.presence == Intent.Presence.PRESENT",
        STATUS_TESTS,
    ),
    Mutant(
        "a share that has not arrived shows as delivered",
        STATUS,
        "reached = there and (delivered or not access.is_cross_account)",
        "reached = there",
        STATUS_TESTS,
    ),
)
