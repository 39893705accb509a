"""Access that ends too late, too early or not at all."""

from tools.mutants.mutant import Mutant

GRANTS = "requests_app/grants"
EXPIRY_TESTS = ("tests/requests_app/grants/test_revocation_and_expiry.py",)
PLAN_TESTS = (
    "tests/lakeformation/planning/test_plan.py",
    "tests/lakeformation/planning/test_account_grants.py",
)

MUTANTS = (
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
