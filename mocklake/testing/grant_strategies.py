"""Random grants and revokes in `small_lake`, for hypothesis."""

from hypothesis import strategies as st

from mocklake.testing.small_lake import COLUMNS, FRIEND, GRANTEES, OWNER, STRANGER, TABLES

resources = st.one_of(
    st.sampled_from(TABLES).map(lambda name: {"Table": {"DatabaseName": "d", "Name": name}}),
    st.just({"Table": {"DatabaseName": "d", "TableWildcard": {}}}),
    st.tuples(st.sampled_from(TABLES), st.sets(st.sampled_from(COLUMNS), min_size=1)).map(
        lambda it: {"TableWithColumns": {"DatabaseName": "d", "Name": it[0], "ColumnNames": sorted(it[1])}}
    ),
    st.tuples(st.sampled_from(TABLES), st.sets(st.sampled_from(COLUMNS), max_size=2)).map(
        lambda it: {
            "TableWithColumns": {
                "DatabaseName": "d", "Name": it[0], "ColumnWildcard": {"ExcludedColumnNames": sorted(it[1])},
            }
        }
    ),
)  # fmt: skip


grants = st.tuples(
    st.sampled_from(["GrantPermissions", "GrantPermissions", "RevokePermissions"]),
    st.sampled_from([OWNER, OWNER, FRIEND, STRANGER]),
    st.sampled_from(GRANTEES),
    resources,
    st.sampled_from([["SELECT"], ["SELECT"], ["DESCRIBE"], ["ALL"]]),
    st.booleans(),
)
