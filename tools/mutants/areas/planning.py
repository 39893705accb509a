"""Plans that remove too much, too little or in the wrong order."""

from tools.mutants.mutant import Mutant

ACCOUNT_GRANTS, DESIRED, PLAN = (
    f"lakeformation/planning/{name}.py" for name in ("account_grants", "desired", "plan")
)
TESTS = "tests/lakeformation/planning"
PLANS = (f"{TESTS}/test_plan.py", f"{TESTS}/test_adopted_access.py", f"{TESTS}/test_random_histories.py")
SUBGRANTS = (f"{TESTS}/test_account_grants.py",)
LINKS = (f"{TESTS}/test_table_links.py", f"{TESTS}/test_table_link_drift.py")
INVITATIONS = (f"{TESTS}/test_invitations.py",)
FILTERS = (f"{TESTS}/test_data_cells_filters.py",)

MUTANTS = (
    Mutant(
        "a stale intent is repaired instead of removed",
        DESIRED,
        "stale[wish.intent_id] = reason\n            ended.append(wish)",
        "stale[wish.intent_id] = reason\n            live.append(wish)",
        PLANS,
    ),
    Mutant(
        "permissions of an intent that was never applied are removed",
        DESIRED,
        "add_previous_link_naming(wish for wish in ended if wish.was_applied)",
        "add_previous_link_naming(ended)",
        (*PLANS, f"{TESTS}/test_metadata_only.py"),
    ),
    Mutant(
        "columns that another live intent wants are revoked",
        PLAN,
        "gone = (held & former) - desired.wanted.get_columns(permission)",
        "gone = held & former",
        PLANS,
    ),
    Mutant(
        "a SELECT on the whole table that none of ours justified is revoked",
        PLAN,
        "if held.is_exclusion and not former.is_exclusion:",
        "if held.is_exclusion and not former:",
        PLANS,
    ),
    Mutant(
        "an account grant is revoked before its subgrants",
        PLAN,
        "return not change.atom.passed_on_by, not change.atom.grantable",
        "return bool(change.atom.passed_on_by), not change.atom.grantable",
        SUBGRANTS,
    ),
    Mutant(
        "a permission is revoked before its grant option",
        PLAN,
        "return not change.atom.passed_on_by, not change.atom.grantable",
        "return not change.atom.passed_on_by, change.atom.grantable",
        SUBGRANTS,
    ),
    Mutant(
        "a change waits as soon as one of its intents waits",
        PLAN,
        "return all(intent in waiting for intent in change.intents)",
        "return any(intent in waiting for intent in change.intents)",
        PLANS,
    ),
    Mutant(
        "an opt-in that somebody else's permission relies on is taken away",
        PLAN,
        "if not mine - desired.former.permissions.keys() - seeing:",
        "if not mine & desired.wanted.permissions.keys() - seeing:",
        (f"{TESTS}/test_hybrid_mode.py", f"{TESTS}/test_adopted_access.py"),
    ),
    Mutant(
        "a database of links is deleted though somebody holds a permission on a table in it",
        PLAN,
        "for p in on if not table or p.table == table)",
        "for p in on if p.table == table)",
        LINKS,
    ),
    Mutant(
        "what an account passes on is granted before the account grant has arrived",
        PLAN,
        "if lacks or not all(one.is_in(observed.received_resources) for one in needs):",
        "if not all(one.is_in(observed.received_resources) for one in needs):",
        SUBGRANTS,
    ),
    Mutant(
        "permissions on a changed data cells filter stay",
        PLAN,
        "if found and found not in desired.wanted.filters and permission in observed.held:",
        "if found and found in desired.wanted.filters and permission in observed.held:",
        FILTERS,
    ),
    Mutant(
        "a subgrant may be wider than its account grant",
        ACCOUNT_GRANTS,
        "return access.columns <= account_grant.grantable_columns",
        "return bool(access.columns & account_grant.grantable_columns)",
        SUBGRANTS,
    ),
    Mutant(
        "a subgrant outlives an account grant that was revoked",
        ACCOUNT_GRANTS,
        "ended_at=spec.ended_at or account_grant.ended_at",
        "ended_at=spec.ended_at",
        SUBGRANTS,
    ),
    Mutant(
        "an ordered removal takes what a live intent justifies",
        "lakeformation/planning/removals.py",
        "(held.get(atom, NO_COLUMNS) & removal.columns) - live.get_columns(atom)",
        "held.get(atom, NO_COLUMNS) & removal.columns",
        (f"{TESTS}/test_removals.py",),
    ),
    Mutant(
        "a data cells filter that somebody holds is deleted",
        "lakeformation/planning/prerequisites.py",
        "if key in seen and key not in in_use and seen[key] not in wanted:",
        "if key in seen and seen[key] not in wanted:",
        FILTERS,
    ),
    Mutant(
        "an invitation of another account is accepted",
        "lakeformation/planning/plan.py",
        "if one.state is InvitationState.OPEN and one.sender == share.sender.account]",
        "if one.state is InvitationState.OPEN]",
        (f"{TESTS}/test_plan.py",),
    ),
    Mutant(
        "a share that also carries somebody else's permissions is ended",
        "lakeformation/planning/plan.py",
        "if all(_is_ours(one, desired, observed) for one in rows):",
        "if any(_is_ours(one, desired, observed) for one in rows):",
        INVITATIONS,
    ),
    Mutant(
        "permissions of an ended intent pass to nobody",
        "lakeformation/planning/column_succession.py",
        "            if intent in ended:\n",
        "            if intent not in ended:\n",
        (f"{TESTS}/test_column_succession.py",),
    ),
    Mutant(
        "the opt-in of an ended intent stays",
        "lakeformation/planning/hybrid_mode.py",
        "(not wish.is_live(now) or observed.is_hybrid(access))",
        "observed.is_hybrid(access)",
        (f"{TESTS}/test_hybrid_mode.py",),
    ),
)
