"""The page on how a grant stands is for whom may see the grant."""

import pytest
from django.urls import reverse

from identity.accounts import Principal
from kernel import clock
from portal.api.fields import TimeOut
from portal.grant_status.api import ProofLevelOut
from requests_app.grants.status.proof import ProofLevel
from requests_app.grants.status.requirements import RequirementMark
from tests.bank import Bank, approve, submit_bank_item
from tests.portal.api.calls import read, send
from tests.portal.conftest import make_client


def test_it_names_proof_and_lines_with_what_to_do(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    shown = make_client(bank.ana).get(reverse("grant-proof", args=[grant.pk])).content.decode()
    assert "L1 · not proven yet" in shown
    assert "A governance admin raises it in the data catalog settings of the owner&#x27;s account." in shown
    request = (
        make_client(bank.ana).get(reverse("access-request", args=[grant.item.request_id])).content.decode()
    )
    assert reverse("grant-proof", args=[grant.pk]) in request


def test_the_api_tells_the_same(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    client = make_client(bank.ana)
    found = read(client, f"grants/{grant.pk}/proof")
    assert [level["level"] for level in found["levels"]] == [1, 2, 3, 4]
    assert {line["result"] for line in found["requirements"]} <= {"met", "lacking", "unknown"}
    assert make_client(bank.sam).get(f"/api/v1/grants/{grant.pk}/proof").status_code == 404
    checked = send(client, f"grants/{grant.pk}/check")
    assert (checked.status_code, checked["Location"]) == (202, checked.json()["url"])
    assert read(client, f"grants/{grant.pk}/test-queries")["results"] == []


@pytest.mark.parametrize(("name", "status"), [("ines", 200), ("ana", 200), ("sam", 404)])
def test_strangers_find_nothing(bank: Bank, name: str, status: int) -> None:
    grant = approve(bank, submit_bank_item(bank))
    client = make_client(getattr(bank, name))
    assert client.get(reverse("grant-proof", args=[grant.pk])).status_code == status
    assert client.get(reverse("grant-check", args=[grant.pk])).status_code == 405


def test_the_explanation_is_linked_for_whom_it_opens(bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    address = f"{reverse('access-explanation', args=[grant.table_id])}?principal="

    def is_linked() -> bool:
        shown = make_client(bank.ana).get(reverse("grant-proof", args=[grant.pk])).content.decode()
        return address in shown

    assert is_linked()
    Principal.objects.filter(pk=grant.principal_id).update(gone_at=clock.now())
    assert not is_linked()


def test_a_level_tells_when_it_was_observed(bank: Bank) -> None:
    now = clock.now()
    shown = ProofLevelOut(ProofLevel("L2", RequirementMark.MET, "Share seen.", seen_at=now)).data
    assert shown["observed_at"] == TimeOut().to_representation(now)
