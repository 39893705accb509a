"""Accesses of every kind, drawn by Hypothesis."""

from hypothesis import strategies as st

from lakeformation.access.access import Access
from lakeformation.access.base import Adoption
from lakeformation.access.database_access import DatabaseAccess, DatabaseReach
from lakeformation.access.parties import Parties
from lakeformation.access.table_access import TableAccess
from lakeformation.access.tag_access import TagAccess, TagReach
from lakeformation.values.column_sets import ColumnSet
from lakeformation.values.permissions import DESCRIBE, SELECT, DataCatalog, Permission
from lakeformation.values.resource_links import LinkNaming
from lakeformation.values.tag_expressions import TagExpression

ACCOUNTS = ("111111111111", "333333333333")
names = st.sampled_from(["claims", "Policies", "größe"])
uris = st.sampled_from(["", "s3://gold/claims/", "s3://gold/policies", "jdbc:oracle"])
created = st.sampled_from(["", "2026-01-01T00:00:00+00:00"])
column_sets = st.builds(ColumnSet, st.frozensets(st.sampled_from("abc")), st.booleans())
catalogs = st.builds(DataCatalog, st.sampled_from(ACCOUNTS), st.sampled_from(["eu-central-1", "eu-west-1"]))
principals = st.sampled_from([*ACCOUNTS, "arn:aws:iam::333333333333:role/bi"])
parties = st.builds(Parties, principals, names, catalogs, catalogs, names, st.sampled_from(["", "arn:role"]))
held = st.builds(
    Permission, catalogs, principals, names, names, st.sampled_from([SELECT, DESCRIBE]), st.booleans()
)
adoptions = st.builds(Adoption, st.lists(st.tuples(held, column_sets), max_size=2).map(tuple))
common = {"parties": parties, "adoption": st.none() | adoptions}
tuples_of_names = st.lists(names, max_size=3, unique=True).map(tuple)
tuples_of_uris = st.lists(uris, max_size=3).map(tuple)
expressions = st.dictionaries(names, st.lists(names, min_size=1), max_size=2).map(TagExpression.from_values)

table_accesses = st.builds(
    TableAccess,
    **common,
    database=names,
    table=names,
    table_created=created,
    columns=column_sets,
    location=uris,
    row_filter=st.sampled_from(["", "a = 1"]),
    metadata_only=st.booleans(),
    holds_new_columns=st.booleans(),
    in_hybrid_mode=st.booleans(),
    account_grant=st.sampled_from([0, 7]),
    link_naming=st.builds(LinkNaming, st.booleans(), st.booleans()),
)
tag_accesses = st.builds(
    TagAccess,
    **common,
    reach=st.builds(
        TagReach,
        expressions,
        tuples_of_names,
        tuples_of_names,
        st.lists(st.tuples(names, names), max_size=3).map(tuple),
        tuples_of_uris,
    ),
)
database_accesses = st.builds(
    DatabaseAccess,
    **common,
    database=names,
    database_created=created,
    reach=st.builds(DatabaseReach, tuples_of_names, tuples_of_uris),
)
accesses: st.SearchStrategy[Access] = st.one_of(table_accesses, tag_accesses, database_accesses)
