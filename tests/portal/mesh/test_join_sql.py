"""The SQL that joins two tables, run by the pretend Athena."""

import pytest

from demo.bootstrap import ROOT
from mocklake.testing.athena_query import Answer, ask
from mocklake.testing.in_process import REGION, InProcess
from portal.mesh.combine import JoinSide, build_join_sql

CLAIMS = JoinSide("w", "claims", "policy_id", ("claim_id", "policy_id", "amount"), "int")
POLICIES = JoinSide("w", "policies", "policy_id", ("policy_id", "amount", "order"), "int")
LETTERS = JoinSide("w", "letters", "policy_no", ("policy_no", "text"), "string")


ACCOUNT = "111111111111"
TABLES = {
    "claims": "(VALUES (1, 7, 10.5), (2, 8, 3.0)) AS t (claim_id, policy_id, amount)",
    "policies": "(VALUES (7, 100, 'x'), (9, 200, 'y')) AS t (policy_id, amount, \"order\")",
    "letters": "(VALUES ('8', 'dear')) AS t (policy_no, text)",
}


class Lake:
    """An account with a database of three tables."""

    def __init__(self) -> None:
        self.aws = InProcess(str(ROOT / "mocklake" / "scenarios" / "seeds" / "pair.yaml"))
        here = {"LocationConstraint": REGION}
        self.aws.client("s3", ACCOUNT).create_bucket(Bucket="made-here", CreateBucketConfiguration=here)
        self.ask("CREATE DATABASE w LOCATION 's3://made-here/w/'")
        for name, rows in TABLES.items():
            place = f"external_location = 's3://made-here/w/{name}/'"
            made = self.ask(f"CREATE TABLE w.{name} WITH ({place}) AS SELECT * FROM {rows}")
            assert made.state == "SUCCEEDED", made.reason

    def ask(self, sql: str) -> Answer:
        return ask(self.aws.client("athena", ACCOUNT, "admin"), sql)


@pytest.fixture(scope="module")
def lake() -> Lake:
    return Lake()


def test_it_joins_and_tells_columns_of_one_name_apart(lake: Lake) -> None:
    answer = lake.ask(build_join_sql(CLAIMS, POLICIES))
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows[0] == ["policy_id", "claim_id", "amount", "policies_amount", "order"]
    assert answer.rows[1:] == [["7", "1", "10.5", "100", "x"]]


def test_keys_of_different_types_are_compared_as_text(lake: Lake) -> None:
    answer = lake.ask(build_join_sql(CLAIMS, LETTERS))
    assert answer.state == "SUCCEEDED", answer.reason
    assert answer.rows[1:] == [["8", "2", "3.0", "dear"]]


def test_names_are_quoted_where_athena_needs_it() -> None:
    odd = JoinSide("my db", 'a"b', "Key", ("Key",), "int")
    assert 'FROM "my db"."a""b" AS a' in build_join_sql(odd, POLICIES)
    assert 'a."Key"' in build_join_sql(odd, POLICIES)
