"""Lineage on pages and in the API: what one may not see is not there, and nothing behind it."""

from typing import Any

import pytest
from django.test import Client

from catalog.lineage.models import LineageDataset, LineageJob
from catalog.mirror.models import Column, Table
from catalog.products.models import DataProduct
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.catalog.lineage.samples import columns_from, dataset, place_table, run_event, send


@pytest.fixture
def lake(bank: Bank) -> dict[str, Table]:
    """raw (no table) → claims → secret (an unpublished product) → report, and claims → loss_ratio."""
    database, tables = bank.claims.database, {"claims": bank.claims}
    Table.objects.filter(pk=bank.claims.pk).update(location="s3://lake/claims/")
    for name in ("secret", "report", "loss_ratio"):
        tables[name] = place_table(database, name, f"s3://lake/{name}/")
        Column.objects.create(table=tables[name], position=1, name="x", type="string")
    product = factories.make_product(bank.domain, bank.ines, [tables["secret"]])
    DataProduct.objects.filter(pk=product.pk).update(is_published=False)
    column = next(iter(bank.claims.columns.values_list("name", flat=True)))
    facet = columns_from({"x": [("claims", column)]})
    send(
        bank.insurance,
        run_event("START", ("raw",), ("claims",), job="settle", run=1),
        run_event("FAIL", ("raw",), ("claims",), job="settle", run=1, minute=3,
                  run_facets={"errorMessage": {"message": "IBAN DE00 is broken"}}),
        run_event(inputs=("claims",), outputs=("secret",), job="hide", run=2),
        run_event(inputs=("secret",), outputs=("report",), job="tell", run=3),
        run_event(inputs=("claims",), outputs=(dataset("loss_ratio", columnLineage=facet),), job="ratio", run=4),
    )  # fmt: skip
    return tables


def sign_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_hidden_table_ends_the_way(bank: Bank, lake: dict[str, Table]) -> None:
    for address in (f"/tables/{bank.claims.pk}/lineage/?depth=9", f"/tables/{bank.claims.pk}/"):
        page = sign_in(bank.ana).get(address).content.decode()
        assert "loss_ratio" in page
        assert "settle" in page
        assert "secret" not in page
        assert "insurance_gold.report" not in page
        own = sign_in(bank.ines).get(address).content.decode()
        assert "secret" in own
    found = sign_in(bank.ana).get(f"/api/v1/lineage?node=table:{bank.claims.pk}&depth=9").json()
    assert {node["name"] for node in found["nodes"]} == {"raw", "claims", "loss_ratio"}
    assert "hide" not in str(found)


def test_impact_counts_what_is_hidden_for_those_who_answer(bank: Bank, lake: dict[str, Table]) -> None:
    address = f"/api/v1/tables/{bank.claims.pk}/impact"
    assert sign_in(bank.ana).get(address).json()["hidden_count"] is None
    assert sign_in(bank.ines).get(address).json()["hidden_count"] == 0


def test_impact_follows_a_column(bank: Bank, lake: dict[str, Table]) -> None:
    columns = list(bank.claims.columns.values_list("name", flat=True))
    used = sign_in(bank.ana).get(f"/api/v1/tables/{bank.claims.pk}/impact?column={columns[0]}").json()
    assert [(one["name"], one["columns"]) for one in used["affected"]] == [("loss_ratio", ["x"])]
    unused = sign_in(bank.ana).get(f"/api/v1/tables/{bank.claims.pk}/impact?column={columns[1]}").json()
    assert unused["affected"] == []
    page = sign_in(bank.ines).get(f"/tables/{bank.claims.pk}/impact/?column={columns[0]}")
    assert "loss_ratio" in page.content.decode()
    assert sign_in(bank.ana).get(f"/api/v1/tables/{bank.claims.pk}/impact?column=none").status_code == 400


def test_a_failure_is_told_to_the_team_alone(bank: Bank, lake: dict[str, Table]) -> None:
    job = LineageJob.objects.get(name="settle")
    for address in (f"/jobs/{job.pk}/", f"/api/v1/jobs/{job.pk}/runs"):
        assert "IBAN" in sign_in(bank.ines).get(address).content.decode()
        answer = sign_in(bank.ana).get(address)
        assert answer.status_code == 200
        assert "IBAN" not in answer.content.decode()


def test_a_job_that_writes_hidden_tables_is_absent(bank: Bank, lake: dict[str, Table]) -> None:
    job = LineageJob.objects.get(name="hide")
    assert sign_in(bank.ana).get(f"/jobs/{job.pk}/").status_code == 404
    assert sign_in(bank.ines).get(f"/jobs/{job.pk}/").status_code == 200
    assert "hide" not in str(sign_in(bank.ana).get("/api/v1/jobs").json())


def test_people_from_outside_see_no_dataset_without_a_table(bank: Bank, lake: dict[str, Table]) -> None:
    raw = LineageDataset.objects.get(name="raw")
    outside = factories.make_person("Otto Outside", is_external=True)
    assert sign_in(bank.ana).get(f"/lineage-datasets/{raw.pk}/").status_code == 200
    assert sign_in(outside).get(f"/lineage-datasets/{raw.pk}/").status_code == 404


def test_a_data_owner_matches_a_dataset_and_events_leave_it(bank: Bank, lake: dict[str, Table]) -> None:
    raw = LineageDataset.objects.get(name="raw")
    client, address = sign_in(bank.ines), f"/lineage-datasets/{raw.pk}/match/"
    assert sign_in(bank.ana).post(address, {"table": ""}).status_code == 404
    assert client.post(address, {"table": "x"}).status_code == 422
    assert client.post(address, {"table": str(lake["report"].pk)}).status_code == 302
    send(bank.insurance, run_event(inputs=(dataset("raw", symlinks={"identifiers": []}),), minute=90))
    raw.refresh_from_db()
    assert (raw.table, raw.match, raw.matched_by) == (lake["report"], "hand", bank.ines)
    answer = client.post(
        f"/api/v1/unmatched-datasets/{raw.pk}/match", {"table": None}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["match"]) == (200, "hand_none")


@pytest.mark.parametrize(
    "query", ["node=table:x", "node=", "node=job:1", "node=table:1&depth=99", "node=table:1&direction=up"]
)
def test_what_makes_no_sense_is_refused(bank: Bank, query: str) -> None:
    found = query.replace("table:1&", f"table:{bank.claims.pk}&")
    assert sign_in(bank.ana).get(f"/api/v1/lineage?{found}").status_code == 400


def test_every_node_of_the_drawing_is_a_link(bank: Bank, lake: dict[str, Table]) -> None:
    page = sign_in(bank.ines).get(f"/data-products/{bank.product.slug}/lineage/?depth=3").content.decode()
    drawing = page[
        page.index('<svg class="lineage-graph') : page.index("</svg>", page.index("lineage-graph"))
    ]
    assert drawing.count("<rect") == drawing.count("<a href=")
    assert "style=" not in drawing


def test_impact_names_and_counts_grants_for_those_who_answer(bank: Bank, lake: dict[str, Table]) -> None:
    grant = approve(bank, submit_bank_item(bank))
    address = f"/api/v1/tables/{bank.claims.pk}/impact"
    own = sign_in(bank.ines).get(address).json()["own"]
    assert (own["grant_count"], [one["id"] for one in own["grants"]]) == (1, [str(grant.pk)])
    assert sign_in(bank.greta).get(address).json()["own"]["grant_count"] == 1
    assert sign_in(bank.ana).get(address).json()["own"]["grant_count"] is None
    assert sign_in(bank.ines).get(f"/tables/{bank.claims.pk}/impact/").status_code == 200
