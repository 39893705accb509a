"""How to query what was granted: texts that are valid, in the names of the role's own account."""

import ast
import json
import shlex
from collections.abc import Iterator

import pytest
from botocore import xform_name
from botocore.session import Session
from django.urls import reverse

from fulfilment.observations.storage import get_data_catalog
from kernel import clock
from lakeformation.values.resource_links import link_name
from portal.access.query_examples import build_query_examples, get_athena_url, quote_name
from requests_app.grants.actions import revoke_grant
from requests_app.grants.models import Grant
from requests_app.targets.requested_item import RequestedItem
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.conftest import make_client
from tests.requests_app import lf_tags_request

PYTHON = ("boto3", "awswrangler", "emr", "sagemaker", "data_api")


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def list_texts(grant: Grant) -> dict[str, str]:
    return {use.id: use.text for use in build_query_examples(grant)}


def list_strings(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse("\n".join(line for line in text.split("\n") if not line.startswith("%")))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_each_names_the_link_the_columns_and_the_role(bank: Bank, grant: Grant) -> None:
    found = list_texts(grant)
    assert set(found) == {"athena", "redshift", "api", *PYTHON}
    asked = json.loads(shlex.split(found.pop("api"))[-1])
    assert asked == {"table": "insurance_gold.claims", "limit": 10, "columns": ["claim_id", "amount"]}
    database = link_name("insurance_gold", get_data_catalog(bank.catalog))
    for text in found.values():
        assert database in text
        assert "claim_id" in text
    for name in ("redshift", "boto3", "awswrangler", "sagemaker", "data_api"):
        assert bank.role.arn in found[name]
        assert bank.bi_account.region in found[name]


@pytest.mark.parametrize("name", PYTHON)
def test_what_is_python_parses_also_with_hostile_names(bank: Bank, name: str) -> None:
    for hostile in ('a"b', "it's", "back`tick", "two words"):
        factories.make_column(bank.claims, hostile, 20 + len(hostile))
        asked = RequestedItem(bank.claims.pk, (hostile,), whole_table=False, product_id=None)
        grant = approve(bank, submit_bank_item(bank, items=[asked], idempotency_key=hostile))
        assert any("SELECT" in text for text in list_strings(list_texts(grant)[name]))


@pytest.mark.parametrize(("name", "service"), [("boto3", "athena"), ("data_api", "redshift-data")])
def test_each_call_has_the_parameters_that_boto3_takes(grant: Grant, name: str, service: str) -> None:
    model = Session().get_service_model(service)
    calls = {xform_name(operation): model.operation_model(operation) for operation in model.operation_names}
    made = [node for node in ast.walk(ast.parse(list_texts(grant)[name])) if isinstance(node, ast.Call)]
    found = {node.func.attr: node for node in made if isinstance(node.func, ast.Attribute)}
    for called in found.keys() & calls.keys():
        taken = calls[called].input_shape
        assert taken is not None
        assert {one.arg for one in found[called].keywords} <= set(taken.members)
    assert len(found.keys() & calls.keys()) == 3


def test_metadata_alone_are_read_from_glue(bank: Bank) -> None:
    asked = RequestedItem(bank.claims.pk, (), whole_table=False, product_id=None, metadata_only=True)
    found = list_texts(approve(bank, submit_bank_item(bank, items=[asked])))
    assert list(found) == ["boto3"]
    assert "get_table" in found["boto3"]
    assert "SELECT" not in found["boto3"]


def test_the_page_is_for_those_who_hold_it_while_it_lives(bank: Bank, grant: Grant) -> None:
    address = reverse("grant-query", args=[grant.pk])
    ana = make_client(bank.ana)
    assert address in ana.get("/grants/").content.decode()
    assert "Redshift Spectrum" in ana.get(address).content.decode()
    for person in (bank.ines, bank.greta, bank.sam):
        assert make_client(person).get(address).status_code == 404
    revoke_grant(acting_user=bank.ines, grant_id=grant.pk, reason="Moved.", now=clock.now())
    assert ana.get(address).status_code == 404


def test_the_page_leads_to_athena_in_the_region_of_the_account(bank: Bank, grant: Grant) -> None:
    page = make_client(bank.ana).get(reverse("grant-query", args=[grant.pk])).content.decode()
    region = bank.bi_account.region
    assert f'href="https://{region}.console.aws.amazon.com/athena/home?region={region}#/query-editor"' in page
    assert "workgroup <code>primary</code>" in page
    assert f"approved by {bank.ines.name}" in page
    assert reverse("grant-revoke", args=[grant.pk]) in page


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_other_partitions_have_their_own_console(region: str, host: str) -> None:
    assert get_athena_url(region).startswith(f"https://{host}/athena/")


@pytest.mark.parametrize(
    ("name", "quoted"),
    [("1st", '"1st"'), ("a-b", '"a-b"'), ('a"b', '"a""b"'), ("Select", '"Select"'), ("claim_id", "claim_id")],
)
def test_sql_quotes_what_is_no_plain_name(name: str, quoted: str) -> None:
    assert quote_name(name) == quoted


def test_what_lf_tags_reach_is_queried_table_by_table(bank: Bank) -> None:
    other = factories.make_table(bank.claims.database, name="zones")
    for table in (bank.claims, other):
        lf_tags_request.assign_tags(table, {"tier": "gold"})
    grant, ana = approve(bank, lf_tags_request.submit_by_lf_tags(bank)), make_client(bank.ana)
    address = reverse("grant-query", args=[grant.pk])
    for page in ("/", "/grants/"):
        assert f'href="{address}"' in ana.get(page).content.decode()
    assert "FROM insurance_gold_" in (first := ana.get(address).content.decode())
    assert ".claims\nLIMIT 10" in first
    assert ".zones\nLIMIT 10" in ana.get(address, {"table": other.pk}).content.decode()


@pytest.mark.parametrize("chosen", ["0", "x", "9" * 30, "untagged"])
def test_a_table_that_lf_tags_do_not_reach_is_not_found(bank: Bank, chosen: str) -> None:
    lf_tags_request.assign_tags(bank.claims, {"tier": "gold"})
    untagged = factories.make_table(bank.claims.database, name="zones")
    grant = approve(bank, lf_tags_request.submit_by_lf_tags(bank))
    asked = {"table": untagged.pk if chosen == "untagged" else chosen}
    assert make_client(bank.ana).get(reverse("grant-query", args=[grant.pk]), asked).status_code == 404


def test_a_user_asks_with_its_own_keys_and_no_tool_that_works_as_a_role(bank: Bank) -> None:
    arn = f"arn:aws:iam::{bank.bi_account.account_id}:user/bi-extract"
    user = factories.make_principal(bank.bi_account, "bi-extract", arn=arn, unique_id="AIDA0000000000000001")
    found = list_texts(approve(bank, submit_bank_item(bank, principal=user)))
    assert list(found) == ["athena", "boto3", "awswrangler"]
    for name in ("boto3", "awswrangler"):
        assert "bi-extract" in set(list_strings(found[name]))
        assert "assume_role" not in found[name]
