"""Which usage examples fit the tables of a product."""

import pytest

from catalog.revisions.content import Language, check_examples, find_problem
from kernel.errors import RefusedError
from tests.bank import Bank

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
    assert find_problem(Language.SQL, code, SCHEMA) == ""


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
    assert problem in find_problem(Language.SQL, code, SCHEMA)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("df = read('SELECT paid FROM claims')", ""),
        ("df = read('SELECT nope FROM claims')", "nope"),
        ("df = 1 +", "not valid Python"),
    ],
)
def test_python_and_the_queries_in_it_are_checked(code: str, problem: str) -> None:
    found = find_problem(Language.PYTHON, code, SCHEMA)
    assert problem in found if problem else not found


@pytest.mark.django_db
def test_a_refusal_names_the_field_and_an_empty_example_reads_no_schema(bank: Bank) -> None:
    tables = (bank.claims.pk,)
    good = {"sql_example": "SELECT claim_id FROM insurance_gold.claims", "python_example": ""}
    check_examples(good, tables)
    for field in good:
        wrong = {"sql_example": "", "python_example": "", field: "SELECT nope FROM claims"}
        with pytest.raises(RefusedError) as refused:
            check_examples(wrong, tables)
        assert refused.value.field == field
