"""The rule of a domain that keeps grants of tables which its pipelines create again."""

from typing import Any

import pytest

from audit.models import Event
from catalog.mirror.models import Table
from identity.accounts import Principal
from kernel.errors import RefusedError
from requests_app.grants.models import Grant
from requests_app.policies.rule_sentences import describe_rule
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.recreated_tables.models import RecreatedTable
from requests_app.recreated_tables.states import RecreatedTableState
from tests import factories
from tests.bank import Bank
from tests.recreated_tables import COLUMNS, grant_claims, open_one, recreate
from tests.registrations import make_producer
from tests.requests_app.policy_setup import publish_rules


@pytest.fixture
def pipeline(bank: Bank) -> Principal:
    account = factories.make_account(bank.insurance, name="Insurance", is_consumer=False)
    make_producer(account, bank.domain)
    return factories.make_principal(account, "dbt")


def build_rule(*roles: str) -> dict[str, Any]:
    return {"name": "nightly-runs", "then": {"keep_recreated_by": list(roles)}}


def get_session(role: Principal) -> str:
    return f"arn:aws:sts::{role.account.account_id}:assumed-role/{role.name}/run-1"


def is_kept(grant: Grant, table: Table) -> bool:
    return Grant.objects.get(pk=grant.pk).table_id == table.pk


def test_it_keeps_what_a_registered_role_created_again(bank: Bank, pipeline: Principal) -> None:
    grant = grant_claims(bank)
    policy = publish_rules(bank, build_rule(pipeline.arn))
    table = recreate(bank.claims, created_by=get_session(pipeline))
    row = open_one()
    assert is_kept(grant, table)
    assert (row.state, row.by_rule, row.decided_by) == (
        RecreatedTableState.KEPT,
        policy,
        policy.published_by,
    )
    event = Event.objects.get(verb="keep_recreated_table_by_rule")
    assert (event.data["policy"], event.data["grants"], event.actor) == (
        policy.pk,
        [grant.pk],
        "engine:clerk",
    )
    assert not Event.objects.filter(verb="find_recreated_table").exists()


def test_without_it_a_person_decides(bank: Bank, pipeline: Principal) -> None:
    grant = grant_claims(bank)
    table = recreate(bank.claims, created_by=get_session(pipeline))
    assert (open_one().state, is_kept(grant, table)) == (RecreatedTableState.OPEN, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"created_by": ""},
        {"created_by": "arn:aws:sts::123456789012:assumed-role/dbt/run-1"},
        {"created_by": "arn:aws:iam::123456789012:root"},
        {"location": "s3://gold/elsewhere/"},
        {"data_format": "csv"},
        {"columns": (*COLUMNS, "note")},
        {"columns": ("claim_id", "iban", "amount")},
        {"sensitive": ["iban", "amount"]},
    ],
)
def test_what_differs_a_person_decides(bank: Bank, pipeline: Principal, changes: dict[str, Any]) -> None:
    grant = grant_claims(bank)
    publish_rules(bank, build_rule(pipeline.arn))
    table = recreate(bank.claims, **{"created_by": get_session(pipeline)} | changes)
    assert (open_one().state, is_kept(grant, table)) == (RecreatedTableState.OPEN, False)


def test_a_role_of_another_team_is_not_registered(bank: Bank) -> None:
    grant = grant_claims(bank)
    publish_rules(bank, build_rule(bank.role.arn))
    table = recreate(bank.claims, created_by=get_session(bank.role))
    assert (open_one().state, is_kept(grant, table)) == (RecreatedTableState.OPEN, False)


def test_it_keeps_no_grant_of_its_publisher(bank: Bank, pipeline: Principal) -> None:
    policy = publish_rules(bank, build_rule(pipeline.arn))
    assert policy.published_by is not None
    factories.add_members(bank.bi, "member", [policy.published_by])
    other = bank.ivo if policy.published_by == bank.ines else bank.ines
    own = grant_claims(bank, by=other, acting_user=policy.published_by)
    table = recreate(bank.claims, created_by=get_session(pipeline))
    assert (open_one().state, is_kept(own, table)) == (RecreatedTableState.OPEN, False)


def test_it_says_nothing_of_requests(bank: Bank, pipeline: Principal) -> None:
    before = grant_claims(bank).item.verdict
    publish_rules(bank, build_rule(pipeline.arn))
    after = grant_claims(
        bank, idempotency_key="other", principal=factories.make_principal(bank.bi_account, "x")
    )
    assert after.item.verdict == before
    assert not RecreatedTable.objects.exists()


@pytest.mark.parametrize(
    ("rule", "domain"),
    [
        (build_rule("arn:aws:iam::123456789012:role/dbt"), ""),
        (build_rule("dbt"), "insurance"),
        (build_rule(), "insurance"),
        (build_rule("arn:aws:iam::123456789012:role/dbt") | {"when": {"database": "x"}}, "insurance"),
        (
            {
                "name": "x",
                "then": {"keep_recreated_by": ["arn:aws:iam::123456789012:role/dbt"], "most_days": 3},
            },
            "a",
        ),
    ],
)
def test_a_rule_that_could_keep_more_is_refused(rule: dict[str, Any], domain: str) -> None:
    with pytest.raises(UnreadableRuleError):
        parse_rules([rule], domain=domain)


def test_it_is_read_as_it_is_written() -> None:
    rule = build_rule("arn:aws:iam::123456789012:role/etl/dbt")
    rules = parse_rules([rule], domain="insurance")
    assert serialize_rules(rules) == [rule]
    assert "arn:aws:iam::123456789012:role/etl/dbt creates a table of the domain again" in describe_rule(
        rules[0]
    )


def test_a_policy_for_all_domains_keeps_nothing(bank: Bank, pipeline: Principal) -> None:
    with pytest.raises(RefusedError):
        publish_rules(bank, build_rule(pipeline.arn), everywhere=True)
