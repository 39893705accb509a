"""Plans that remove too much or too little, effects that show less than is given, and proof that nobody read."""

from tools.mutants.mutant import Mutant

DESIRED, PLAN = "lakeformation/planning/desired.py", "lakeformation/planning/plan.py"
TESTS = "tests/lakeformation/planning"
PLANS = (f"{TESTS}/test_plan.py", f"{TESTS}/test_adopted_access.py", f"{TESTS}/test_random_histories.py")
SUBGRANTS = (f"{TESTS}/test_account_grants.py",)
LINKS = (f"{TESTS}/test_table_links.py", f"{TESTS}/test_table_link_drift.py")
INVITATIONS = (f"{TESTS}/test_invitations.py",)
FILTERS = (f"{TESTS}/test_data_cells_filters.py",)
PLANNING_MUTANTS = (
    Mutant(
        "a stale intent is repaired instead of removed",
        DESIRED,
        "stale[spec.intent_id] = reason\n            ended.append(spec)",
        "stale[spec.intent_id] = reason\n            live.append(spec)",
        PLANS,
    ),
    Mutant(
        "permissions of an intent that was never applied are removed",
        DESIRED,
        "add_previous_link_naming(spec for spec in ended if spec.was_applied)",
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
        "if lacks or not all(need.is_in(observed.received_resources) for need in needs):",
        "if not all(need.is_in(observed.received_resources) for need in needs):",
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
        DESIRED,
        "return access.columns <= account_grant.grantable_columns",
        "return bool(access.columns & account_grant.grantable_columns)",
        SUBGRANTS,
    ),
    Mutant(
        "a subgrant outlives an account grant that was revoked",
        DESIRED,
        "ended_at=spec.ended_at or account_grant.ended_at",
        "ended_at=spec.ended_at",
        SUBGRANTS,
    ),
    Mutant(
        "an ordered removal takes what a live intent justifies",
        "lakeformation/planning/catalog_plan.py",
        "(held.get(atom, NO_COLUMNS) & removal.columns) - live.get_columns(atom)",
        "held.get(atom, NO_COLUMNS) & removal.columns",
        (f"{TESTS}/test_removals.py",),
    ),
    Mutant(
        "a data cells filter that somebody holds is deleted",
        "lakeformation/planning/catalog_plan.py",
        "if key in filters and key not in in_use and filters[key] not in wanted:",
        "if key in filters and filters[key] not in wanted:",
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
        "if all(_is_ours(row, desired, observed) for row in rows):",
        "if any(_is_ours(row, desired, observed) for row in rows):",
        INVITATIONS,
    ),
    Mutant(
        "permissions of an ended intent pass to nobody",
        "lakeformation/planning/desired.py",
        "            if intent in ended:\n",
        "            if intent not in ended:\n",
        (f"{TESTS}/test_column_succession.py",),
    ),
    Mutant(
        "the opt-in of an ended intent stays",
        "lakeformation/planning/desired.py",
        "(not spec.is_live(now) or observed.is_hybrid(access))",
        "observed.is_hybrid(access)",
        (f"{TESTS}/test_hybrid_mode.py",),
    ),
)
TABLE, TAGS = "lakeformation/effects/table_effects.py", "lakeformation/effects/tag_effects.py"
WIDENING, QUOTAS = "lakeformation/effects/table_effects.py", "lakeformation/effects/quotas.py"
TABLE_TESTS = ("tests/lakeformation/effects/test_table_effects.py",)
WIDENING_TESTS = ("tests/lakeformation/effects/test_widening.py",)
QUOTA_TESTS = ("tests/lakeformation/effects/test_quotas.py",)
TAG_TESTS = ("tests/lakeformation/effects/test_tag_effects.py",)
EFFECTS_MUTANTS = (
    Mutant(
        "a partition key is not shown as visible",
        TABLE,
        "access.opens_data and (column.is_partition_key or column.name in access.columns)",
        "access.opens_data and column.name in access.columns",
        (*TABLE_TESTS, "tests/requests_app/targets/test_partition_keys.py"),
    ),
    Mutant(
        "a sensitive partition key that nobody requested comes along",
        TABLE,
        'column.classification == "sensitive" and "sensitive" not in classes:',
        'column.classification == "sensitive" and "sensitive" in classes:',
        (*TABLE_TESTS, "tests/requests_app/targets/test_partition_keys.py"),
    ),
    Mutant(
        "some columns are granted to a role that can write and so sees all",
        TABLE,
        "elif strong and not access.columns.is_exclusion:",
        "elif strong and access.columns.is_exclusion:",
        TABLE_TESTS,
    ),
    Mutant(
        "a table that IAMAllowedPrincipals holds is shared with another account",
        TABLE,
        "if access.is_cross_account and is_open_to_iam(state.held, access) and not access.in_hybrid_mode:",
        "if access.is_cross_account and is_open_to_iam(state.held, access) and access.in_hybrid_mode:",
        TABLE_TESTS,
    ),
    Mutant(
        "one row filter more than AWS allows",
        TABLE,
        "len(state.held_filters) >= MAX_FILTERS:",
        "len(state.held_filters) > MAX_FILTERS:",
        (*TABLE_TESTS, "tests/requests_app/targets/test_row_filters.py"),
    ),
    Mutant(
        "what the role can already read beyond the request is not shown",
        TABLE,
        "if wider and wider - access.columns:",
        "if wider and access.columns - wider:",
        TABLE_TESTS,
    ),
    Mutant(
        "what is held already is shown as added",
        TABLE,
        "missing = wanted - state.held.get(permission, NO_COLUMNS)",
        "missing = wanted",
        TABLE_TESTS,
    ),
    Mutant(
        "an approval of all rows does not show that it widens a row filter",
        WIDENING,
        "if shared and not requested.rows:",
        "if shared and requested.rows:",
        WIDENING_TESTS,
    ),
    Mutant(
        "columns that other access shows in more rows are not told",
        WIDENING,
        "more = other.columns - requested.columns",
        "more = requested.columns - other.columns",
        WIDENING_TESTS,
    ),
    Mutant(
        "two different row filters on the same columns are no widening",
        WIDENING,
        "if requested.rows and other.rows != requested.rows:",
        "if requested.rows and other.rows == requested.rows:",
        WIDENING_TESTS,
    ),
    Mutant(
        "all rows of one grant do not prevail over the row filter of another",
        WIDENING,
        'return frozenset({""}) if "" in rules else rules',
        "return rules",
        WIDENING_TESTS,
    ),
    Mutant(
        "a tag is suggested that opens tables which the principal does not have",
        QUOTAS,
        "sum(tags.get(key) == value for tags in held) == total",
        "sum(tags.get(key) == value for tags in held) <= total",
        QUOTA_TESTS,
    ),
    Mutant(
        "a quota that is used up exactly counts as exceeded",
        QUOTAS,
        "if self.total > self.quota.maximum:",
        "if self.total >= self.quota.maximum:",
        QUOTA_TESTS,
    ),
    Mutant(
        "a role that writes elsewhere in the database is not refused LF-Tags of some columns",
        TAGS,
        'if one.other_columns and {(one.database, one.table), (one.database, "*")} & mine',
        "if one.other_columns and {(one.database, one.table)} & mine",
        TAG_TESTS,
    ),
    Mutant(
        "LF-Tags of data in hybrid access mode are granted",
        TAGS,
        "    if state.is_hybrid:\n",
        "    if state.is_hybrid and access.is_account_grant:\n",
        TAG_TESTS,
    ),
)
PROOFS = "workers/engine/proofs.py"
SETTLE, STATUS = "workers/engine/rounds.py", "requests_app/grants/status/proof.py"
ENGINE = "tests/workers/engine"
GRANT_TESTS = (f"{ENGINE}/test_grant_and_revoke.py",)
STATUS_TESTS = ("tests/requests_app/grants/test_status.py",)
PROOF_MUTANTS = (
    Mutant(
        "an ended intent is proven absent before its permissions are revoked",
        PROOFS,
        "        if spec.intent_id in touched:\n",
        "        if spec.intent_id in touched and spec.is_live(now):\n",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "a live intent is proven present before its permissions are granted",
        PROOFS,
        "        if spec.intent_id in touched:\n",
        "        if spec.intent_id in touched and not spec.is_live(now):\n",
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
        "is_guarded and not observation.is_open_to_iam(access)",
        "is_guarded",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "rows count as shown while a row-level security policy may decide on them",
        PROOFS,
        "return None if is_open and observation.get_row_doubt(access) else is_open",
        "return is_open",
        (f"{ENGINE}/test_proofs.py",),
    ),
    Mutant(
        "a grant counts as gone while a row-level security policy is attached to its principal",
        "lakeformation/observation/reading.py",
        "if policy.principal]",
        "if policy.is_default]",
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
