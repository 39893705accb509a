"""What a scan detected, beside what was found and decided before."""

import pytest

from catalog.classification.actions import dismiss_findings
from catalog.classification.kinds import DetectedKind
from catalog.classification.models import Finding, FindingState
from catalog.classification.queries import list_unclassified_personal_columns
from catalog.mirror.models import Table
from kernel import clock
from tests.bank import Bank, make_bank
from tests.catalog.classification.findings import declassify, make_detection, make_steward, record


@pytest.fixture
def bank(db: None) -> Bank:
    found = make_bank()
    declassify(found.claims)
    return found


def list_states(table: Table) -> list[tuple[str, str]]:
    return list(Finding.objects.filter(table=table).order_by("pk").values_list("kind", "state"))


def test_a_repeated_scan_updates_the_open_finding(bank: Bank) -> None:
    record(bank.claims, make_detection("amount"))
    assert record(bank.claims, make_detection("amount", valid=99)) == []
    (finding,) = Finding.objects.all()
    assert finding.evidence == [{"check": "iban", "valid": 99, "sampled": 100}]


def test_a_changed_type_supersedes_the_finding(bank: Bank) -> None:
    record(bank.claims, make_detection("amount"))
    bank.claims.columns.filter(name="amount").update(type="bigint")
    record(bank.claims, make_detection("amount"))
    assert list_states(bank.claims) == [("iban", "superseded"), ("iban", "open")]


def test_another_kind_supersedes_the_finding(bank: Bank) -> None:
    record(bank.claims, make_detection("amount"))
    record(bank.claims, make_detection("amount", DetectedKind.EMAIL))
    assert list_states(bank.claims) == [("iban", "superseded"), ("email", "open")]


def test_names_alone_do_not_undo_what_values_showed(bank: Bank) -> None:
    record(bank.claims, make_detection("amount"))
    record(bank.claims, sampled=())
    assert list_states(bank.claims) == [("iban", "open")]
    record(bank.claims, sampled=["amount"])
    assert list_states(bank.claims) == [("iban", "superseded")]


def test_a_class_as_strict_needs_no_finding(bank: Bank) -> None:
    column = bank.claims.columns.filter(name="amount")
    column.update(classification="sensitive")
    assert record(bank.claims, make_detection("amount")) == []
    column.update(classification="public")
    assert len(record(bank.claims, make_detection("amount"))) == 1
    column.update(classification="sensitive")
    record(bank.claims, make_detection("amount"))
    assert list_states(bank.claims) == [("iban", "superseded")]


def test_public_is_proposed_for_columns_without_a_class_alone(bank: Bank) -> None:
    bank.claims.columns.filter(name="amount").update(classification="private")
    assert record(bank.claims, make_detection("amount", DetectedKind.REFERENCE)) == []


@pytest.mark.usefixtures("committed")
def test_a_dismissed_finding_comes_back_as_another_kind_alone() -> None:
    bank = make_bank()
    declassify(bank.claims)
    (finding,) = record(bank.claims, make_detection("amount"))
    dismiss_findings(
        acting_user=make_steward(), finding_ids=[finding.pk], reason="Internal keys.", now=clock.now()
    )
    assert record(bank.claims, make_detection("amount", valid=100)) == []
    (again,) = record(bank.claims, make_detection("amount", DetectedKind.EMAIL))
    assert again.state == FindingState.OPEN


def test_personal_columns_without_a_class_are_listed(bank: Bank) -> None:
    detections = make_detection("amount"), make_detection("claim_id", DetectedKind.REFERENCE)
    record(bank.claims, *detections)
    (found,) = list_unclassified_personal_columns([bank.claims])
    assert (found.column, found.kind) == ("amount", "iban")
    bank.claims.columns.filter(name="amount").update(classification="sensitive")
    assert list_unclassified_personal_columns(Table.objects.all()) == []
