"""Which usage examples fit the tables of a product."""

import pytest

from catalog.revisions.examples import MAX_EXAMPLES, Example, Language, check_examples, find_problem
from identity.errors import RefusedError

SCHEMA = {("ins", "claims"): ["claim_id", "paid", "policy_id"], ("ins", "policies"): ["policy_id", "line"]}


@pytest.mark.parametrize(
    "code",
    [
        "SELECT claim_id, sum(paid) FROM ins.claims GROUP BY 1",
        "select c.claim_id, p.line from claims c join policies p on c.policy_id = p.policy_id",
        "SELECT claims.claim_id FROM awsdatacatalog.ins.claims",
        "WITH a AS (SELECT paid FROM claims) SELECT paid FROM a",
        "SELECT c.paid FROM claims c, unnest(array[1]) AS t(x) WHERE x = 1",
    ],
)
def test_a_query_of_the_products_columns_fits(code: str) -> None:
    assert find_problem(Example("Example", Language.SQL, code), SCHEMA) == ""


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("SELECT nope FROM claims", "nope"),
        ("WITH a AS (SELECT paid FROM claims) SELECT x FROM a", "'x'"),
        ("SELECT * FROM other", "no table other"),
        ("DROP TABLE claims", "one SELECT"),
        ("SELECT 1; SELECT 2", "one SELECT"),
        ("select (((((" * 500, "not valid SQL"),
    ],
)
def test_a_query_that_does_not_fit_is_named(code: str, problem: str) -> None:
    assert problem in find_problem(Example("Example", Language.SQL, code), SCHEMA)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("df = read('SELECT paid FROM claims')", ""),
        ("df = read('SELECT nope FROM claims')", "nope"),
        ("df = 1 +", "not valid Python"),
    ],
)
def test_python_and_the_queries_in_it_are_checked(code: str, problem: str) -> None:
    found = find_problem(Example("Example", Language.PYTHON, code), SCHEMA)
    assert problem in found if problem else not found


def test_each_example_needs_a_title_and_there_are_not_too_many() -> None:
    good = Example(" Paid ", Language.SQL, " SELECT paid FROM claims ")
    assert check_examples([good], SCHEMA) == (Example("Paid", Language.SQL, "SELECT paid FROM claims"),)
    for wrong in ([Example("", Language.SQL, good.code)], [good] * (MAX_EXAMPLES + 1)):
        with pytest.raises(RefusedError):
            check_examples(wrong, SCHEMA)
