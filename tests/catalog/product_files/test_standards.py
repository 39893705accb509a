"""Exports by the schemas and shapes of the standards; and files as others write them."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import open_data_contract_standard
import pytest
from hypothesis import given, settings
from open_data_contract_standard.model import OpenDataContractStandard

from catalog.product_files import odcs, odps
from catalog.product_files.formats import FileFormat, get_odcs_validator, read_file, write_file
from catalog.product_files.odps import build_odps_schema
from catalog.product_files.state import ProductFile
from kernel.errors import RefusedError
from tests.bank import Bank
from tests.catalog.product_files.random_products import PRODUCT_FILES
from tests.product_files import dump, export, export_data, plan

ODCS_SCHEMA = json.loads((files(open_data_contract_standard) / "schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", [FileFormat.ODCS_3_1, FileFormat.ODCS_3_2])
def test_an_export_follows_odcs(bank: Bank, kind: FileFormat) -> None:
    data = export_data(bank.ines, bank.product.slug, kind)
    jsonschema.validate(data, ODCS_SCHEMA, jsonschema.Draft201909Validator)
    assert get_odcs_validator(data["apiVersion"]).is_valid(data)
    model = OpenDataContractStandard.from_string(export(bank.ines, bank.product.slug, kind))
    assert (model.name, model.apiVersion) == (bank.product.name, "v3.1.0" if kind == "odcs" else "v3.2.0")


@settings(max_examples=20, deadline=None)
@given(product=PRODUCT_FILES)
def test_every_odps_file_follows_its_schema(product: ProductFile) -> None:
    data = read_file(write_file(product, FileFormat.ODPS)).document.data
    jsonschema.validate(data, build_odps_schema("v1.1.0"), jsonschema.Draft201909Validator)


FOREIGN_CONTRACT = {
    "kind": "DataContract",
    "apiVersion": "v3.1.0",
    "id": "53581432-6c55-4ba2-a65f-72344a91553a",
    "name": "Payments",
    "version": "1.1.0",
    "status": "proposed",
    "dataProduct": "payments",
    "tenant": "ClimateQuantum",
    "description": {
        "purpose": "Views of payments.\nMore of it.",
        "limitations": "No raw cards.",
        "usage": "Any.",
    },
    "tags": ["finance"],
    "schema": [
        {
            "name": "tbl",
            "physicalName": "tbl_1",
            "physicalType": "table",
            "properties": [
                {
                    "name": "txn_ref_dt",
                    "primaryKey": False,
                    "logicalType": "date",
                    "physicalType": "date",
                    "partitioned": True,
                }
            ],
            "quality": [{"metric": "rowCount", "type": "library", "mustBeGreaterThan": 1000}],
        }
    ],
    "slaProperties": [
        {"property": "latency", "value": 4, "unit": "d", "element": "tab1.txn_ref_dt"},
        {"property": "retention", "value": 3, "unit": "y"},
        {"property": "frequency", "value": 1, "unit": "d"},
    ],
    "support": [{"channel": "#product-help", "tool": "slack", "url": "https://slack.example/help"}],
    "roles": [{"role": "user", "access": "read"}],
    "price": {"priceAmount": 9.95, "priceCurrency": "USD", "priceUnit": "megabyte"},
    "contractCreatedTs": "2022-11-15T02:59:43+00:00",
}


def test_a_contract_of_somebody_else_becomes_a_draft(bank: Bank) -> None:
    data = {**FOREIGN_CONTRACT, "domain": bank.domain.slug}
    planned = plan(bank.ines, dump(data))
    after = planned.after
    assert planned.problem is None
    assert (planned.publishes, planned.product, after["summary"]) == (False, None, "Views of payments.")
    assert (after["freshness_hours"], after["retention"], after["refresh"]) == (96, "3 y", "1 d")
    assert after["terms"] == "No raw cards."
    assert [one.what for one in planned.drift] == ["table_missing"]
    assert set(planned.not_kept) >= {
        "tenant",
        "dataProduct",
        "price",
        "roles",
        "schema[0].quality",
        "contractCreatedTs",
    }


@pytest.mark.parametrize("version", ["v0.9.0", "v1.0.0", "v1.1.0"])
def test_a_data_product_of_somebody_else_becomes_a_draft(bank: Bank, version: str) -> None:
    data: dict[str, Any] = {
        "apiVersion": version, "kind": "DataProduct", "name": "Customers", "id": "fbe8d147", "domain": bank.domain.slug,
        "status": "draft", "description": {"purpose": "One view of a customer.", "limitations": "None known.", "usage": "See there."},
        "inputPorts": [{"name": "claims", "version": "1.0.0", "contractId": bank.product.slug}],
        "outputPorts": [
            {"name": "claims", "type": "tables", "version": "1.0.0", "contractId": "c2", "sbom": [{"type": "external", "url": "https://a.example/"}]},
            {"name": "events", "type": "topic", "version": "1.0.0"},
        ],
        "managementPorts": [{"content": "dictionary", "type": "topic", "name": "updates"}],
        "support": [{"channel": "Help", "url": "https://chat.example/"}],
    }  # fmt: skip
    members = [{"username": bank.ivo.email, "role": "owner", "dateIn": "2023-01-15"}]
    data["team"] = members if version == "v0.9.0" else {"name": "Data", "members": members}
    planned = plan(bank.ines, dump(data))
    after = planned.after
    assert (after["owner"], after["inputs"], after["tables"]) == (
        bank.ivo.pk,
        [bank.product.pk],
        [bank.claims.pk],
    )
    assert after["support"] == "Help: https://chat.example/"
    assert set(planned.not_kept) == {
        "description.usage", "outputPorts[0].sbom", "outputPorts[1]", "managementPorts",
        "team[0].dateIn" if version == "v0.9.0" else "team.members[0].dateIn",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "Nonsense"},
        {"apiVersion": "v9.0.0"},
        {"version": 1},
        {"status": None},
        {"slaProperties": [{"value": 1}]},
        {"support": [{"url": "https://a.example/"}]},
        {"authoritativeDefinitions": [{"type": "implementation"}]},
        {"schema": [{"physicalName": "x"}]},
        {"schema": [{"name": "x", "properties": [{"logicalType": "text", "name": "a"}]}]},
        {"servers": [{"server": "x", "type": "glue"}]},
        {"team": {"members": [{"role": "owner"}]}},
        {"customProperties": [{"property": "x"}]},
    ],
)
def test_what_the_standard_refuses_is_refused(bank: Bank, change: dict[str, Any]) -> None:
    with pytest.raises(RefusedError):
        plan(bank.ines, dump({**export_data(bank.ines, bank.product.slug), **change}))


def write_contract(version: str, **members: Any) -> str:
    head = {
        "kind": "DataContract",
        "apiVersion": version,
        "id": "readings",
        "version": "1.0.0",
        "status": "draft",
    }
    return dump({**head, **members})


NULL_CHECK = [{"name": "readings", "quality": [{"type": "library", "rule": "nullCheck", "mustBe": 0}]}]
KAFKA = [{"server": "events", "type": "kafka", "host": "kafka.example:9092", "topic": "readings"}]
OLD_ATHENA = [{"server": "lake", "type": "athena", "schema": "gold", "staging_dir": "s3://bucket/out"}]
ATHENA = [{"server": "lake", "type": "athena", "schema": "gold", "stagingDir": "s3://bucket/out"}]
METRIC = [{"name": "readings", "quality": [{"type": "library", "metric": "nullValues", "mustBe": 0}]}]
VENDOR = [{"property": "x", "value": "y", "vendor": "z"}]
DEFINITIONS = [{"type": "tutorial", "url": "https://wiki.example/"}]


@pytest.mark.parametrize(
    ("members", "versions"),
    [
        ({"schema": NULL_CHECK}, {"v3.0.0", "v3.0.1", "v3.0.2"}),
        ({"servers": KAFKA}, {"v3.0.0", "v3.0.1", "v3.0.2"}),
        ({"servers": OLD_ATHENA}, {"v3.0.0", "v3.0.1"}),
        ({"servers": ATHENA}, {"v3.0.2", "v3.1.0", "v3.2.0"}),
        ({"authoritativeDefinitions": DEFINITIONS}, {"v3.0.1", "v3.0.2", "v3.1.0", "v3.2.0"}),
        ({"schema": METRIC}, {"v3.1.0", "v3.2.0"}),
        ({"customProperties": VENDOR}, set(odcs.VERSIONS) - {"v3.1.0"}),
        ({"schema": [{"name": "readings", "properties": [{"name": "id"}]}]}, set(odcs.VERSIONS)),
    ],
)
def test_a_contract_is_judged_by_its_own_version(members: dict[str, Any], versions: set[str]) -> None:
    assert {one for one in odcs.VERSIONS if is_read(write_contract(one, **members))} == versions


def write_data_product(version: str, **members: Any) -> str:
    return dump(
        {"kind": "DataProduct", "apiVersion": version, "id": "readings", "status": "draft", **members}
    )


INPUT = {"name": "readings", "version": "1.0.0", "contractId": "readings"}


@pytest.mark.parametrize(
    ("members", "versions"),
    [
        ({"team": [{"role": "owner"}]}, {"v0.9.0"}),
        ({"team": {"members": [{"username": "ana"}]}}, {"v1.0.0", "v1.1.0"}),
        ({"inputPorts": [{**INPUT, "tags": ["x"]}]}, {"v1.0.0", "v1.1.0"}),
        ({"authoritativeDefinitions": [{"type": "other", "url": "https://wiki.example/"}]}, {"v1.0.0", "v1.1.0"}),
        ({"inputPorts": [{**INPUT, "deprecated": True}]}, {"v1.1.0"}),
        ({"inputPorts": [INPUT]}, set(odps.VERSIONS)),
    ],
)  # fmt: skip
def test_a_data_product_is_judged_by_its_own_version(members: dict[str, Any], versions: set[str]) -> None:
    assert {one for one in odps.VERSIONS if is_read(write_data_product(one, **members))} == versions


def is_read(text: str) -> bool:
    try:
        read_file(text)
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        (write_contract("v2.2.2"), "v3.2.0, v3.1.0, v3.0.2, v3.0.1, v3.0.0"),
        (write_contract("3.1.0"), "v3.2.0, v3.1.0, v3.0.2, v3.0.1, v3.0.0"),
        (write_data_product("v2.0.0"), "v1.1.0, v1.0.0, v0.9.0"),
    ],
)
def test_a_version_that_is_not_read_is_told_with_those_that_are(text: str, versions: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_file(text)
    assert (
        str(refused.value)
        == f"Line 2, apiVersion: Meshmarket reads these versions of the standard: {versions}."
    )
