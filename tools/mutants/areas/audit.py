"""Changes of the audit log that its chain does not show."""

from tools.mutants.mutant import Mutant

VERIFICATION = SCHEDULE = "audit/verification.py"
DIGEST, SEALING = "audit/actions.py", "audit/actions.py"
TESTS = ("tests/audit/test_chain.py",)
SCHEDULE_TESTS = ("tests/audit/test_verification_schedule.py",)

MUTANTS = (
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
        TESTS,
    ),
    Mutant(
        "more events leave the queue than were sealed",
        SEALING,
        ".filter(event_id__in=[p.event_id for p in waiting]).delete()",
        ".all().delete()",
        TESTS,
    ),
    Mutant(
        "a missing link is not reported",
        VERIFICATION,
        "        if seal.seq != expected:\n",
        "        if seal.seq < expected:\n",
        TESTS,
    ),
    Mutant(
        "an event that was changed after its seal is not reported",
        VERIFICATION,
        "        if _compute_digest(seal.event) != seal.event.digest:\n",
        "        if not _compute_digest(seal.event):\n",
        TESTS,
    ),
    Mutant(
        "a changed link is not reported",
        VERIFICATION,
        "if seal.prev != prev or seal.hash != link_hash(",
        "if seal.prev != prev and seal.hash != link_hash(",
        TESTS,
    ),
    Mutant(
        "an event that lost its seal is not reported",
        VERIFICATION,
        "for event in rows.exclude(Exists(_seals_of_event())).exclude(Exists(_pending_of_event())).order_by",
        "for event in rows.exclude(Exists(_seals_of_event())).filter(Exists(_pending_of_event())).order_by",
        TESTS,
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
