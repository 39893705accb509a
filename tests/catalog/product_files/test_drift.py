"""What differs between a file and the portal and what a file doesn't change; and what isn't kept."""

from typing import Any

from catalog.mirror.models import Column
from catalog.products.models import DataProduct
from tests.bank import Bank
from tests.product_files import apply, dump, export_data, plan


def list_drift(bank: Bank, data: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(one.what, one.name, one.file, one.portal) for one in plan(bank.ines, dump(data)).drift]


def test_the_schema_is_compared_with_the_catalog(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    (table,) = data["schema"]
    first, second, _third = table["properties"]
    first |= {"physicalType": "int", "classification": "sensitive", "description": "A comment."}
    second["name"] = "amounts"
    table["description"] = "Of every line."
    data["schema"].append({"name": "nothing"})
    name = str(bank.claims)
    assert list_drift(bank, data) == [
        ("differs", f"{name}, description", "Of every line.", ""),
        ("differs", f"{name}.claim_id, type", "int", "string"),
        ("differs", f"{name}.claim_id, comment", "A comment.", ""),
        ("differs", f"{name}.claim_id, classification", "sensitive", "public"),
        ("column_missing", f"{name}.amounts", "", ""),
        ("column_added", f"{name}.amount", "", ""),
        ("table_missing", "nothing", "", ""),
    ]
    planned = plan(bank.ines, dump(data))
    assert not planned.has_changes
    line = planned.read.find_line(planned.drift[1].where)
    assert dump(data).splitlines()[line - 1].strip() == "- name: claim_id"


def test_nothing_of_the_schema_is_written(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    data["schema"][0]["properties"][0]["physicalType"] = "int"
    data["description"]["purpose"] = "New words."
    apply(bank.ines, dump(data))
    assert Column.objects.get(table=bank.claims, name="claim_id").type == "string"
    assert DataProduct.objects.get(pk=bank.product.pk).description == "New words."


def test_what_the_portal_alone_changes_is_compared(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    data |= {"version": "7.0.0", "status": "retired", "domain": "elsewhere"}
    data["team"]["name"] = "Others"
    data["servers"][0]["account"] = "999999999999"
    found = list_drift(bank, data)
    assert [name for _what, name, _file, _portal in found] == [
        "version",
        "lifecycle",
        "domain",
        "team",
        "servers",
    ]
    assert found[0] == ("differs", "version", "7.0.0", "1.0.0")
    assert not plan(bank.ines, dump(data)).has_changes


def test_the_portal_drifts_from_a_file_that_stays(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    DataProduct.objects.filter(pk=bank.product.pk).update(terms="New terms.", tier="silver")
    planned = plan(bank.ines, dump(data))
    assert (planned.before["terms"], planned.after["terms"]) == ("New terms.", "")
    assert [one.name for one in planned.drift] == ["tier"]


def test_what_a_file_leaves_out_stays(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(
        terms="Be kind.", keywords=["loss"], freshness_hours=3
    )
    said = export_data(bank.ines, bank.product.slug)
    data = {name: said[name] for name in ("apiVersion", "kind", "id", "version", "status")}
    assert not plan(bank.ines, dump(data)).has_changes
    planned = plan(bank.ines, dump({**data, "slaProperties": [], "tags": []}))
    assert (planned.after["freshness_hours"], planned.after["keywords"]) == (None, [])
    assert planned.after["terms"] == "Be kind."


def test_what_is_not_kept_is_listed(bank: Bank) -> None:
    data = export_data(bank.ines, bank.product.slug)
    data |= {"tenant": "Bank", "price": {"priceAmount": 5}, "roles": [{"role": "reader"}]}
    data["description"]["usage"] = "Reports."
    data["support"] = [
        {"channel": "#help", "url": "https://chat.example/", "tool": "slack"},
        {"channel": "#more"},
    ]
    data["slaProperties"] = [
        {"property": "latency", "value": 2, "unit": "d"},
        {"property": "retention", "value": 3, "unit": "y"},
        {"property": "latency", "value": 90, "unit": "min"},
        {"property": "generalAvailability", "value": "2026-01-01"},
    ]
    data["schema"][0]["properties"][0]["unique"] = True
    data["team"]["members"].append({"username": "dev@bank.example", "role": "developer"})
    data["authoritativeDefinitions"] = [
        {"type": "businessDefinition", "url": "https://a.example/"},
        {"type": "implementation", "url": "https://b.example/", "description": "Code."},
    ]
    data["customProperties"].append({"property": "costCenter", "value": 7})
    planned = plan(bank.ines, dump(data))
    number = len(data["customProperties"]) - 1
    assert set(planned.not_kept) == {
        "tenant", "price", "roles", "description.usage", "support[0].tool", "support[1]", "slaProperties[2]", "slaProperties[3]",
        "schema[0].properties[0].unique", "team.members[1]", "authoritativeDefinitions[0]", "authoritativeDefinitions[1].description",
        f"customProperties[{number}]",
    }  # fmt: skip
    after = planned.after
    assert (after["support"], after["freshness_hours"], after["retention"]) == (
        "#help: https://chat.example/",
        48,
        "3 y",
    )
    assert after["links"] == {"code": ["https://b.example/"]}


def test_people_from_outside_get_neither_places_nor_addresses(bank: Bank) -> None:
    DataProduct.objects.filter(pk=bank.product.pk).update(seen_by="everyone")
    bank.sam.is_external = True
    bank.sam.save()
    data = export_data(bank.sam, bank.product.slug)
    text = dump(data)
    assert "servers" not in data
    for hidden in (
        bank.ines.email,
        bank.catalog.short_name,
        "meshmarketDiscovery",
        bank.catalog.account.account_id,
    ):
        assert hidden not in text
    assert data["schema"][0]["properties"][0]["name"] == "claim_id"
