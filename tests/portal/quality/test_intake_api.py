"""Result files of tools are taken as they are, of the sender's own tables only."""

import gzip
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from audit.models import Event
from catalog.quality.models import QualityAnomaly, QualityMeasure, QualityResult, QualitySource
from identity.service_tokens import TokenScope
from kernel import clock
from tests.bank import Bank
from tests.identity.service_tokens.samples import make_service_token
from tests.portal.conftest import make_client

ADDRESS = "/api/v1/quality-results"
FILES = Path(__file__).parents[2] / "catalog/quality/formats/files"
DBT = "dbt-core-1.12.0-run_results.json"


def make_result(**more: Any) -> dict[str, Any]:
    rules = [{"name": "not_null", "passed": True, "column": "claim_id"}, {"name": "recent", "passed": False}]
    said = {
        "dataset": "insurance_gold.claims",
        "id": "run-1",
        "finished_at": "2026-03-02T04:00:00Z",
        "rules": rules,
    }
    return {**said, **more}


@pytest.fixture
def service(bank: Bank) -> Client:
    token = make_service_token(bank.ines, scopes=(TokenScope.QUALITY_WRITE,))
    return Client(headers={"Authorization": f"Bearer {token.secret}"})


def post(client: Client, body: Any, query: str = "", **more: Any) -> Any:
    return client.post(ADDRESS + query, body, content_type="application/json", **more)


@pytest.mark.parametrize(
    ("file", "source", "counts"),
    [
        (DBT, QualitySource.DBT, (2, 5)),
        ("great_expectations-1.24.1-validation.json", QualitySource.GREAT_EXPECTATIONS, (2, 7)),
        ("great_expectations-0.18.22-checkpoint.json", QualitySource.GREAT_EXPECTATIONS, (2, 5)),
        ("soda-core-3.5.6-scan.json", QualitySource.SODA, (1, 6)),
        ("soda-core-4.28.0-contract.json", QualitySource.SODA, (2, 7)),
        ("soda-core-4.28.0-broken-contract.json", QualitySource.SODA, (0, 8)),
    ],
)
def test_a_tools_file_is_taken_as_it_is(
    bank: Bank, service: Client, file: str, source: str, counts: tuple[int, int]
) -> None:
    """Errors count, those on columns that the table lacks among them."""
    body = (FILES / file).read_bytes()
    (found,) = post(service, body, f"?table={bank.claims.pk}").json()["results"]
    assert (found["source"], found["table"]["id"], found["is_new"]) == (source, str(bank.claims.pk), True)
    assert (found["score"]["passed"], found["score"]["evaluated"]) == counts
    (again,) = post(
        service, gzip.compress(body), f"?table={bank.claims.pk}", headers={"Content-Encoding": "gzip"}
    ).json()["results"]
    assert (again["id"], again["is_new"]) == (found["id"], False)


@pytest.mark.parametrize(
    "name", ["{db}.claims", "claims", "awsdatacatalog.{db}.claims", '"{db}"."claims"', "{pk}"]
)
def test_a_dataset_is_matched_by_its_name(bank: Bank, service: Client, name: str) -> None:
    dataset = name.format(db=bank.claims.database.name, pk=bank.claims.pk)
    answer = post(service, make_result(dataset=dataset))
    assert answer.status_code == 200, answer.content
    assert QualityResult.objects.get().ruleset.table == bank.claims


def test_the_own_format_has_an_id_a_ruleset_and_metrics(bank: Bank, service: Client) -> None:
    metrics = {"row_count": 40, "columns": {"claim_id": {"null_count": 1, "distinct_count": 39}}}
    body = make_result(ruleset="nightly", metrics=metrics, tool="our-checks", tool_version="2")
    assert post(service, body).json()["results"][0]["ruleset"] == "nightly"
    assert not post(service, body).json()["results"][0]["is_new"]
    result = QualityResult.objects.get()
    assert (result.external_id, result.tool_version) == ("run-1", "our-checks 2")
    assert sorted(QualityMeasure.objects.values_list("kind", "value")) == [
        ("distinct", 39.0), ("nulls", 0.025), ("rows", 40.0),
    ]  # fmt: skip
    assert not QualityAnomaly.objects.exists()


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"rules": []}, "#"),
        ({"rules": [{"passed": True}]}, "#/rules/0/name"),
        ({"rules": [{"name": "x", "passed": "yes"}]}, "#/rules/0/passed"),
        ({"rules": "x"}, "#/rules"),
        ({"finished_at": "9999-01-01T00:00:00Z"}, "#/finished_at"),
        ({"finished_at": "yesterday"}, "#/finished_at"),
        ({"metrics": {"row_count": -1}}, "#/metrics/row_count"),
        ({"metrics": {"columns": {"x": {"mean": 3}}}}, "#/metrics/columns/x/mean"),
        ({"dataset": "elsewhere.claims_of_others"}, "#/table"),
        ({"unknown": 1}, "#/unknown"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(service: Client, change: Any, pointer: str) -> None:
    answer = post(service, make_result(**change))
    assert 400 <= answer.status_code < 500
    assert pointer in [one["pointer"] for one in answer.json()["errors"]], answer.json()
    assert not QualityResult.objects.exists()


@pytest.mark.parametrize(("minutes", "status"), [(4, 200), (6, 400), (23 * 60, 400)])
def test_a_result_is_at_most_five_minutes_ahead(service: Client, minutes: int, status: int) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    assert post(service, make_result(finished_at=at.isoformat())).status_code == status


@pytest.mark.parametrize("body", ["[]", "7", "{", "{}", '{"rules": {}, "dataset": []}', "\ufeff{}"])
def test_what_is_no_result_is_refused(service: Client, body: str) -> None:
    assert 400 <= post(service, body.encode()).status_code < 500


def test_tables_of_other_teams_look_like_none(bank: Bank) -> None:
    token = make_service_token(bank.sam, scopes=(TokenScope.QUALITY_WRITE,))
    other = Client(headers={"Authorization": f"Bearer {token.secret}"})
    absent = post(other, make_result(), "?table=999999").json()["errors"][0]["detail"]
    foreign = post(other, make_result(), f"?table={bank.claims.pk}").json()["errors"][0]["detail"]
    assert foreign == absent.replace("999999", str(bank.claims.pk))


def test_a_token_without_the_scope_is_refused(bank: Bank) -> None:
    token = make_service_token(bank.ines, scopes=(TokenScope.LINEAGE_WRITE,))
    client = Client(headers={"Authorization": f"Bearer {token.secret}"})
    assert post(client, make_result()).status_code == 403
    assert post(Client(), make_result()).status_code == 401


def test_an_owner_sends_a_result_on_the_record(bank: Bank) -> None:
    answer = post(make_client(bank.ines), make_result(), f"?table={bank.claims.pk}")
    assert answer.status_code == 200, answer.content
    event = Event.objects.get(verb="send_quality_result")
    assert (event.actor, event.data["table"]) == (f"person:{bank.ines.pk}", bank.claims.pk)
    assert QualityResult.objects.get().sent_by == bank.ines
    assert post(make_client(bank.ana), make_result(), f"?table={bank.claims.pk}").status_code in (
        400,
        403,
        422,
    )


def test_a_call_without_a_body_is_refused(service: Client) -> None:
    answer = post(service, b"")
    assert (answer.status_code, "not JSON" in answer.content.decode()) == (400, True)


def test_a_rule_on_a_column_that_the_table_lacks_does_not_pass(service: Client) -> None:
    rules = [{"name": "not_null", "passed": True, "column": one} for one in ("claim_id", "no_such")]
    (found,) = post(service, make_result(rules=rules)).json()["results"]
    assert (found["score"]["passed"], found["score"]["evaluated"]) == (1, 2)
    assert found["rules"][1]["message"] == "The table has no such column."


def test_when_every_test_errs_the_score_is_zero_and_the_old_one_does_not_stay(
    bank: Bank, service: Client
) -> None:
    for day, status in ((1, "pass"), (2, "error")):
        metadata = {"dbt_schema_version": "v6", "generated_at": f"2026-03-0{day}T04:00:00Z"}
        results = [
            {"unique_id": f"test.bank.rule_{number}.1", "status": status, "failures": None}
            for number in range(10)
        ]
        answer = post(
            service, {"metadata": metadata, "results": results}, f"?table={bank.claims.pk}&ruleset=nightly"
        )
        assert answer.status_code == 200, answer.content
    score = make_client(bank.ines).get(f"/api/v1/tables/{bank.claims.pk}/quality").json()["score"]
    assert (score["percent"], score["passed"], score["evaluated"]) == (0.0, 0, 10)
