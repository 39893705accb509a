"""Access that ends too late or not at all, moves between states, and changes of the audit log that nobody notices."""

from tools.mutants.mutant import Mutant

GRANTS = "requests_app/grants"
EXPIRY_TESTS = ("tests/requests_app/grants/test_revocation_and_expiry.py",)
PLAN_TESTS = (
    "tests/lakeformation/planning/test_plan.py",
    "tests/lakeformation/planning/test_account_grants.py",
)
EXPIRY_MUTANTS = (
    Mutant(
        "an intent is live at the moment of its end",
        "lakeformation/planning/desired.py",
        "(self.expires_at is None or now < self.expires_at)",
        "(self.expires_at is None or now <= self.expires_at)",
        PLAN_TESTS,
    ),
    Mutant(
        "an intent that was ended stays live until it expires",
        "lakeformation/planning/desired.py",
        "return self.ended_at is None and (self.expires_at",
        "return (self.ended_at is None or self.expires_at is not None) and (self.expires_at",
        PLAN_TESTS,
    ),
    Mutant(
        "a subgrant outlives its account grant",
        "lakeformation/planning/desired.py",
        "expires_at=min(ends) if ends else None",
        "expires_at=max(ends) if ends else None",
        PLAN_TESTS,
    ),
    Mutant(
        "a grant is closed before its end",
        f"{GRANTS}/may.py",
        "return ALLOWED if grant.ends_at <= now else refusal",
        "return ALLOWED if grant.ends_at >= now else refusal",
        EXPIRY_TESTS,
    ),
    Mutant(
        "a grant is not closed at the moment of its end",
        f"{GRANTS}/may.py",
        "return ALLOWED if grant.ends_at <= now else refusal",
        "return ALLOWED if grant.ends_at < now else refusal",
        EXPIRY_TESTS,
    ),
    Mutant(
        "grants that have ended are not closed",
        "workers/dispatch/due_rows.py",
        "state=GrantState.LIVE, ends_at__lte=Now())",
        "state=GrantState.LIVE, ends_at__gt=Now())",
        (*EXPIRY_TESTS, "tests/workers/housekeeping/test_grant_expiry.py"),
    ),
    Mutant(
        "a grant counts as live after its end until its row is closed",
        f"{GRANTS}/end_dates.py",
        "return grant.state != GrantState.LIVE or grant.ends_at <= now",
        "return grant.state != GrantState.LIVE",
        ("tests/requests_app/grants/test_end_dates.py",),
    ),
    Mutant(
        "an access review extends a grant",
        f"{GRANTS}/ending.py",
        "if ends_at >= grant.ends_at:",
        "if ends_at == grant.ends_at:",
        ("tests/requests_app/access_reviews/test_access_reviews.py",),
    ),
    Mutant(
        "the intent of a revoked grant goes on",
        f"{GRANTS}/ending.py",
        "    engine.end_intent(intent_id=grant.intent_id, now=now)\n",
        "",
        EXPIRY_TESTS,
    ),
    Mutant(
        "subgrants go on after their grant was revoked",
        f"{GRANTS}/ending.py",
        "passed_on = end_subgrants(subgrants, ended_by, now)",
        "passed_on = end_subgrants((), ended_by, now)",
        ("tests/requests_app/grants/test_subgrants.py",),
    ),
    Mutant(
        "a grant that ends sooner covers a request",
        f"{GRANTS}/coverage.py",
        "ends_at__gt=ends_at - END_TOLERANCE",
        "ends_at__lt=ends_at - END_TOLERANCE",
        ("tests/requests_app/grants/test_coverage.py",),
    ),
    Mutant(
        "a short grant is warned of as it begins",
        f"{GRANTS}/may.py",
        "ahead = min(timedelta(days=settings.WARN_DAYS),",
        "ahead = max(timedelta(days=settings.WARN_DAYS),",
        ("tests/requests_app/grants/test_expiry_warnings.py",),
    ),
    Mutant(
        "expired intents count as live access",
        "fulfilment/intents/models.py",
        "live = Q(expires_at__isnull=True) | Q(expires_at__gt=clock.Now())",
        "live = Q()",
        ("tests/fulfilment/intents/test_queries.py",),
    ),
)
MOVES = "kernel/state_transitions.py"
ITEMS, STATE_GRANTS = "requests_app/access_requests/states.py", "requests_app/grants/states.py"
STATE_TESTS = ("tests/requests_app/test_state_transitions.py",)
STATES_MUTANTS = (
    Mutant(
        "every move between states is allowed",
        MOVES,
        "return target in self._targets[self._states(origin)]",
        "return target in self._targets",
        STATE_TESTS,
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
        STATE_TESTS,
    ),
    Mutant(
        "a returned item is approved before it is submitted again",
        ITEMS,
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN},",
        "ItemState.RETURNED: {ItemState.SUBMITTED, ItemState.WITHDRAWN, ItemState.APPROVED},",
        STATE_TESTS,
    ),
    Mutant(
        "a revoked grant expires",
        STATE_GRANTS,
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},",
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED}, GrantState.REVOKED: {GrantState.EXPIRED},",
        STATE_TESTS,
    ),
    Mutant(
        "a grant is revoked twice",
        STATE_GRANTS,
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED},",
        "GrantState.LIVE: {GrantState.REVOKED, GrantState.EXPIRED}, GrantState.REVOKED: {GrantState.REVOKED},",
        ("tests/requests_app/grants/test_revocation_and_expiry.py",),
    ),
)
VERIFICATION = SCHEDULE = "audit/verification.py"
DIGEST, SEALING = "audit/actions.py", "audit/actions.py"
AUDIT_TESTS = ("tests/audit/test_chain.py",)
SCHEDULE_TESTS = ("tests/audit/test_verification_schedule.py",)
AUDIT_MUTANTS = (
    Mutant(
        "the digest of an event does not bind its data",
        DIGEST,
        'timespec="microseconds"), verb, actor, subject, data]',
        'timespec="microseconds"), verb, actor, subject]',
        ("tests/audit/test_digest.py",),
    ),
    Mutant(
        "the digest of an event does not bind its time",
        DIGEST,
        'body = [at.astimezone(UTC).isoformat(timespec="microseconds"), verb,',
        "body = [at.astimezone(UTC).year, verb,",
        ("tests/audit/test_digest.py",),
    ),
    Mutant(
        "a link does not bind the one before",
        DIGEST,
        'f"{seq}:{digest}:{prev}".encode()',
        'f"{seq}:{digest}:{GENESIS}".encode()',
        ("tests/audit/test_digest.py",),
    ),
    Mutant(
        "links of one batch all follow the first",
        SEALING,
        "            prev = digest\n",
        "",
        AUDIT_TESTS,
    ),
    Mutant(
        "more events leave the queue than were sealed",
        SEALING,
        ".filter(event_id__in=[p.event_id for p in waiting]).delete()",
        ".all().delete()",
        AUDIT_TESTS,
    ),
    Mutant(
        "a missing link is not reported",
        VERIFICATION,
        "        if seal.seq != expected:\n",
        "        if seal.seq < expected:\n",
        AUDIT_TESTS,
    ),
    Mutant(
        "an event that was changed after its seal is not reported",
        VERIFICATION,
        "        if _compute_digest(seal.event) != seal.event.digest:\n",
        "        if not _compute_digest(seal.event):\n",
        AUDIT_TESTS,
    ),
    Mutant(
        "a changed link is not reported",
        VERIFICATION,
        "if seal.prev != prev or seal.hash != link_hash(",
        "if seal.prev != prev and seal.hash != link_hash(",
        AUDIT_TESTS,
    ),
    Mutant(
        "an event that lost its seal is not reported",
        VERIFICATION,
        "for event in rows.exclude(Exists(_seals_of_event())).exclude(Exists(_pending_of_event())).order_by",
        "for event in rows.exclude(Exists(_seals_of_event())).filter(Exists(_pending_of_event())).order_by",
        AUDIT_TESTS,
    ),
    Mutant(
        "an end of the chain that was cut off is not reported",
        VERIFICATION,
        "    if seq and row is None:\n",
        "    if seq and row is None and not digest:\n",
        SCHEDULE_TESTS,
    ),
    Mutant(
        "a chain that was written anew is not reported",
        VERIFICATION,
        "elif seq and row is not None and row[0] != digest:",
        "elif seq and row is not None and not row[0]:",
        SCHEDULE_TESTS,
    ),
)
