"""Pages of the mesh: each section in the extent of the person, and its tables as files and over the API."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.products.models import Audience, DataProduct
from portal.mesh.sections import REPORTS, SECTIONS
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import read


def open_page(client: Client, person: object, name: str, *args: str) -> str:
    client.force_login(person)  # type: ignore[arg-type]
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("slug", [one.slug for one in SECTIONS])
def test_each_section_opens_for_everyone(bank: Bank, client: Client, slug: str) -> None:
    approve(bank, submit_bank_item(bank))
    for person in (bank.ana, bank.ines, bank.greta, bank.sam):
        page = open_page(client, person, "mesh-section", slug)
        assert "<h1>Mesh</h1>" in page


def test_an_unknown_section_or_report_is_not_found(bank: Bank, client: Client) -> None:
    client.force_login(bank.ana)
    assert client.get("/mesh/no-such/").status_code == 404
    assert client.get("/mesh/reports/no-such.csv").status_code == 404


def test_a_heat_map_leads_to_the_grants(bank: Bank, client: Client) -> None:
    approve(bank, submit_bank_item(bank))
    page = open_page(client, bank.ana, "mesh-section", "use")
    assert "1 grant of BI on data of Insurance" in page
    address = f"{reverse('mesh-use-grants')}?team={bank.bi.pk}&domain={bank.domain.pk}"
    assert "Grants of BI" in client.get(address).content.decode()
    client.force_login(bank.sam)
    assert "Grants of BI" not in client.get(address).content.decode()
    assert "BI" not in read(bank.sam, "mesh/use")["results"]


def test_a_hidden_product_is_not_counted(bank: Bank) -> None:
    DataProduct.objects.update(seen_by=Audience.DOMAIN, requested_by=Audience.DOMAIN)
    assert read(bank.ana, "mesh/products")["results"] == []
    assert read(bank.greta, "mesh/products")["results"][0]["published"] == 1
    assert read(bank.ines, "mesh/products")["results"][0]["published"] == 1


@pytest.mark.parametrize("report", REPORTS)
def test_each_report_is_a_file_and_an_answer(bank: Bank, client: Client, report: str) -> None:
    approve(bank, submit_bank_item(bank))
    found = read(bank.greta, f"mesh/{report}")
    assert found["report"] == report
    assert found["source"]
    client.force_login(bank.greta)
    file = client.get(reverse("mesh-report-file", args=[report]))
    assert file["Content-Type"] == "text/csv; charset=utf-8"
    lines = file.content.decode().splitlines()
    assert len(lines) == (len(found["results"]) + 1 if found["results"] else 0)


def test_a_table_in_no_product_is_listed(bank: Bank) -> None:
    factories.make_table(bank.claims.database, name="scratch")
    rows = read(bank.ana, "mesh/tables-without-product")["results"]
    assert [row["table"] for row in rows] == ["insurance_gold.scratch"]
