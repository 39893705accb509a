"""Approvals that bind less than what was shown, and calls that no approval covers."""

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

MUTANTS = (
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
        "columns -= wishes[intent].get_approved_columns(change.atom)",
        "columns -= wishes[intent].get_approved_columns(change.atom) and columns",
        UNSENT_TESTS,
    ),
    Mutant(
        "a data cells filter that was not approved is made",
        SEND,
        "if not any(wish.approved_filter == one for wish in wishes):",
        "if not any(wish.approved_filter for wish in wishes):",
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
        "if wish.access.account_grant in why and wish.intent_id in live",
        "if wish.access.account_grant in why and wish.intent_id not in live",
        ("tests/workers/engine/test_unjustified_intents.py",),
    ),
)
