"""Row-level security policies: on which tables and for whom an attachment counts, and how it is told."""

from dataclasses import replace
from typing import Any

import pytest

from lakeformation.observation.parsing import parse_row_policy_attachment
from lakeformation.observation.reading import Observation
from lakeformation.values.row_policies import (
    NOT_READ,
    RowPolicies,
    RowPolicyAttachment,
    describe_row_doubt,
)
from tests.lakeformation.simulated_catalog import ROLE, build_access

ON_TABLE = RowPolicyAttachment("eu", "region = 'EU'", ROLE, "insurance_gold", "claims")
TABLE = {"Table": {"DatabaseName": "insurance_gold", "Name": "claims"}}
BY_TAGS = {
    "LFTagPolicy": {"ResourceType": "TABLE", "Expression": [{"TagKey": "tier", "TagValues": ["gold"]}]}
}
ACCOUNT = ROLE.split(":")[4]


def parse(**members: Any) -> RowPolicyAttachment:
    row = {"PolicyName": "eu", "Resource": TABLE, "Principal": {"DataLakePrincipalIdentifier": ROLE}}
    return parse_row_policy_attachment(row | members, {"eu": "region = 'EU'"})


def test_an_attachment_is_read_with_the_text_of_its_policy() -> None:
    assert parse() == ON_TABLE
    assert parse(PolicyName="gone").expression == ""
    default = parse(Principal={}, DefaultRLSPolicy=True)
    assert (default.is_default, default.principal) == (True, "")
    assert parse(Condition={"Expression": "a == 'b'"}).condition == "a == 'b'"


@pytest.mark.parametrize(
    ("resource", "tags", "applies"),
    [
        (TABLE, None, True),
        ({"Table": {"DatabaseName": "insurance_gold", "Name": "other"}}, None, False),
        ({"Table": {"DatabaseName": "insurance_gold", "TableWildcard": {}}}, None, True),
        (BY_TAGS, [{"tier": "gold"}], True),
        (BY_TAGS, [{"tier": "gray"}, {"tier": "gold"}], True),
        (BY_TAGS, [{"tier": "gray"}], False),
        (BY_TAGS, None, True),
        ({"LFTagPolicy": {"ResourceType": "TABLE", "ExpressionName": "named"}}, [{}], True),
        ({"Hologram": {"Name": "x"}}, [{}], True),
    ],
)
def test_it_counts_for_its_table_and_where_that_is_not_known_for_every_table(
    resource: dict[str, Any], tags: list[dict[str, str]] | None, applies: object
) -> None:
    assert parse(Resource=resource).applies_to_table("insurance_gold", "claims", tags) is applies


def test_all_tables_of_a_database_are_concerned_by_a_policy_on_one() -> None:
    assert ON_TABLE.applies_to_table("insurance_gold", "*", None)
    assert not ON_TABLE.applies_to_table("other", "*", None)


@pytest.mark.parametrize(
    ("principal", "concerns"),
    [
        (ROLE, True),
        ("", True),
        (ACCOUNT, True),
        (f"{ACCOUNT}:IAMPrincipals", True),
        ("arn:aws:identitystore:::group/a", True),
        (ROLE + "-other", False),
        ("444444444444", False),
    ],
)
def test_it_may_concern_its_principal_and_who_may_be_among_many(principal: str, concerns: object) -> None:
    assert replace(ON_TABLE, principal=principal).may_concern(ROLE) is concerns


def test_one_for_a_role_concerns_a_grant_to_its_account() -> None:
    assert ON_TABLE.may_concern(ACCOUNT)
    assert not ON_TABLE.may_concern("444444444444")


def test_it_is_kept_as_it_was_read() -> None:
    policies = RowPolicies(frozenset({ON_TABLE, parse(Resource=BY_TAGS)}), "")
    assert RowPolicies.from_json(policies.to_json()) == policies
    assert RowPolicies.from_json(None).unread == NOT_READ


def test_another_text_is_another_subject() -> None:
    assert replace(ON_TABLE, expression="true = true").subject != ON_TABLE.subject


def test_glue_tells_of_a_default_where_the_attachments_were_not_read() -> None:
    unread = RowPolicies(unread="refused").with_default("insurance_gold", "claims", "eu")
    (default,) = unread.list_on_table("insurance_gold", "claims", [])
    assert default.describe() == "eu (text not read) for everybody, by default"
    assert RowPolicies().with_default("insurance_gold", "claims", "eu") == RowPolicies()


def test_rows_are_proven_only_where_no_policy_applies_and_all_were_read() -> None:
    access = build_access("id")
    assert Observation().get_row_doubt(access) == ""
    assert Observation(row_policies=RowPolicies(unread="refused")).get_row_doubt(access) == "refused"
    seen = Observation(row_policies=RowPolicies(frozenset({ON_TABLE})))
    assert seen.get_row_doubt(access) == describe_row_doubt([ON_TABLE])
    assert "eu (region = 'EU') for bi" in seen.get_unknown_reason(access)
    for_others = RowPolicies(frozenset({replace(ON_TABLE, principal=ROLE + "-other")}))
    assert Observation(row_policies=for_others).get_row_doubt(access) == ""
    by_default = RowPolicies(frozenset({replace(ON_TABLE, principal="", is_default=True)}))
    assert Observation(row_policies=by_default).get_unknown_reason(access) == ""


def test_access_to_metadata_shows_no_rows() -> None:
    seen = Observation(row_policies=RowPolicies(frozenset({ON_TABLE})))
    assert seen.get_row_doubt(build_access(metadata_only=True)) == ""
