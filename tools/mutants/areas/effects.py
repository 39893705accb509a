"""Effects that show a reviewer less than an approval gives, or let pass what must be refused."""

from tools.mutants.mutant import Mutant

TABLE, TAGS = "lakeformation/effects/table_effects.py", "lakeformation/effects/tag_effects.py"
WIDENING, QUOTAS = "lakeformation/effects/table_effects.py", "lakeformation/effects/quotas.py"
TABLE_TESTS = ("tests/lakeformation/effects/test_table_effects.py",)
WIDENING_TESTS = ("tests/lakeformation/effects/test_widening.py",)
QUOTA_TESTS = ("tests/lakeformation/effects/test_quotas.py",)
TAG_TESTS = ("tests/lakeformation/effects/test_tag_effects.py",)

MUTANTS = (
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
