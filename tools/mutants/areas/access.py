"""Approvals that bind less than what was shown, decisions by people who must not decide, and locks that are not taken."""

from tools.mutants.mutant import Mutant

HASH, EFFECTS = "requests_app/review/terms.py", "lakeformation/effects/table_effects.py"
SEND, UNJUSTIFIED = "workers/engine/send.py", "workers/engine/unjustified_intents.py"
APPROVAL_TESTS = ("tests/requests_app/review/test_approval.py", "tests/portal/test_stale_forms.py")
CHANGE_TESTS = (
    "tests/requests_app/review/test_approval_with_changes.py",
    "tests/requests_app/review/test_approval.py",
)
EFFECT_TESTS = ("tests/lakeformation/effects/test_table_effects.py",)
UNSENT_TESTS = ("tests/workers/engine/test_unsent_steps.py",)
APPROVAL_MUTANTS = (
    Mutant(
        "the approval hash does not bind the effects",
        HASH,
        '"effects": effects.digest(),',
        '"effects": effects.access.owner,',
        APPROVAL_TESTS,
    ),
    Mutant(
        "the approval hash does not bind the requested end",
        HASH,
        '            "asked_until": _format_utc(item.ends_at),\n',
        "",
        CHANGE_TESTS,
    ),
    Mutant(
        "the approval hash does not bind an earlier end",
        HASH,
        '"ends_at": _format_utc(narrowed.ends_at) if narrowed.ends_at else None,',
        '"ends_at": bool(narrowed.ends_at),',
        CHANGE_TESTS,
    ),
    Mutant(
        "the approval hash does not bind a number of hours",
        HASH,
        '            "hours": narrowed.hours,\n',
        "",
        (*CHANGE_TESTS, "tests/portal/request_form/test_hours.py"),
    ),
    Mutant(
        "a column that was reclassified after it was shown is approved",
        EFFECTS,
        '"classification": {c.name: c.classification for c in columns if _is_visible(access, c)},',
        '"classification": {c.name: "" for c in columns if _is_visible(access, c)},',
        EFFECT_TESTS,
    ),
    Mutant(
        "what is there already changes the digest of the effects",
        EFFECTS,
        "        return digest(self.approved)\n",
        "        return digest({**self.approved, 'held': [line.text for line in self.already_there]})\n",
        EFFECT_TESTS,
    ),
    Mutant(
        "columns beyond the approved ones are granted",
        SEND,
        "columns -= specs[intent].get_approved_columns(change.atom)",
        "columns -= specs[intent].get_approved_columns(change.atom) and columns",
        UNSENT_TESTS,
    ),
    Mutant(
        "a data cells filter that was not approved is made",
        SEND,
        "if not any(spec.approved_filter == one for spec in specs):",
        "if not any(spec.approved_filter for spec in specs):",
        (*UNSENT_TESTS, "tests/workers/engine/test_row_filters.py"),
    ),
    Mutant(
        "a closed write control of another account stops calls",
        SEND,
        "if valve.account_id in {None, account.pk}:",
        "if valve.account_id != account.pk:",
        UNSENT_TESTS,
    ),
    Mutant(
        "a subgrant of an account grant that no decision justifies is granted",
        UNJUSTIFIED,
        "if spec.access.account_grant in why and spec.intent_id in live",
        "if spec.access.account_grant in why and spec.intent_id not in live",
        ("tests/workers/engine/test_unjustified_intents.py",),
    ),
)
QUORUM = "requests_app/policy_engine/verdict.py"
QUORUM_TESTS = ("tests/requests_app/policy_engine/test_quorum.py",)
QUORUM_MUTANTS = (
    Mutant(
        "requesters decide on their own request as leads",
        QUORUM,
        "if decider.person in side.requesters:",
        "if decider.person in side.requesters and role is not DeciderRole.LEAD:",
        QUORUM_TESTS,
    ),
    Mutant(
        "somebody decides in a role that they do not hold",
        QUORUM,
        "if role not in decider.roles:",
        "if not decider.roles:",
        QUORUM_TESTS,
    ),
    Mutant(
        "members of the requesting team decide",
        QUORUM,
        "(decider.teams & side.teams or decider.person in side.members)",
        "(decider.person in side.members)",
        QUORUM_TESTS,
    ),
    Mutant(
        "a former member of the requesting team decides",
        QUORUM,
        "(decider.teams & side.teams or decider.person in side.members)",
        "(decider.teams & side.teams)",
        QUORUM_TESTS,
    ),
    Mutant(
        "one approval fewer than the quorum is enough",
        QUORUM,
        "for need, more in left if more > 0)",
        "for need, more in left if more > 1)",
        QUORUM_TESTS,
    ),
    Mutant(
        "one person counts in two roles",
        QUORUM,
        "for person, role in {yes.person: yes.role for yes in approvals}.items():",
        "for person, role in [(yes.person, yes.role) for yes in approvals]:",
        QUORUM_TESTS,
    ),
    Mutant(
        "a later step is decided before an earlier one",
        QUORUM,
        "first = min((need.step for need in left), default=0)",
        "first = max((need.step for need in left), default=0)",
        QUORUM_TESTS,
    ),
)
LOCKS, POLICIES = "requests_app/access_requests/locks.py", "requests_app/policies/evaluation.py"
LOCK_TESTS = ("tests/requests_app/test_concurrency.py",)
LOCKS_MUTANTS = (
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
        LOCK_TESTS,
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
CLAIM = "workers/engine/claim.py"
CLAIM_TESTS = ("tests/workers/engine/test_claim.py",)
CLAIM_MUTANTS = (
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
        CLAIM_TESTS,
    ),
    Mutant(
        "a worker whose lease ran out goes on writing",
        CLAIM,
        "AND owner = %s AND lease_until > clock_timestamp()",
        "AND owner = %s",
        CLAIM_TESTS,
    ),
    Mutant(
        "a former owner is not fenced",
        CLAIM,
        "epoch = %s AND owner = %s AND lease_until",
        "epoch >= %s AND %s <> '' AND lease_until",
        CLAIM_TESTS,
    ),
    Mutant(
        "a former owner releases the scope of the next one",
        CLAIM,
        '" WHERE id = %s AND epoch = %s",',
        '" WHERE id = %s AND epoch >= %s",',
        CLAIM_TESTS,
    ),
    Mutant(
        "wake-ups that came during a round are deleted with it",
        CLAIM,
        'DELETE_WAKES = "DELETE FROM fulfilment_wake WHERE id = ANY (%s)"',
        'DELETE_WAKES = "DELETE FROM fulfilment_wake WHERE id >= ANY (%s)"',
        CLAIM_TESTS,
    ),
    Mutant(
        "an urgent wake-up waits for the back-off",
        CLAIM,
        "OR s.not_before <= clock_timestamp() OR need.urged)",
        "OR s.not_before <= clock_timestamp())",
        (*CLAIM_TESTS, "tests/workers/engine/test_backoff_of_scopes.py"),
    ),
    Mutant(
        "a scope is not due when one of its intents expires",
        CLAIM,
        "i.expires_at <= meshmarket_now() AND i.presence <> 'absent')",
        "i.expires_at <= meshmarket_now() AND i.presence = 'absent')",
        (*CLAIM_TESTS, "tests/workers/engine/test_grant_and_revoke.py"),
    ),
    Mutant(
        "scopes of an account that does not answer are claimed",
        CLAIM,
        "AND q.retry_at > clock_timestamp())",
        "AND q.retry_at < clock_timestamp())",
        ("tests/workers/engine/test_account_outage.py",),
    ),
)
