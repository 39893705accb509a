"""How a grant stands: which proof there is, what else must be so, and that anyone who sees it may have it looked at."""

from typing import Any

import pytest

from fulfilment.intents.models import Intent, Wake
from fulfilment.observations.models import ObservedOptIn, RegisteredLocation
from fulfilment.observations.storage import CatalogFacts
from identity.connections import Checkup
from kernel import clock
from kernel.errors import NotFoundError
from lakeformation.access.access import DatabaseAccess, DatabaseReach
from lakeformation.observation.reading import IAM_ALLOWED_PRINCIPALS
from requests_app.grants.models import Grant
from requests_app.grants.status.actions import check_grant
from requests_app.grants.status.may import may_check_grant, may_run_test_query
from requests_app.grants.status.proof import build_proof
from requests_app.grants.status.requirements import RequirementMark
from tests import factories
from tests.bank import Bank, approve, submit_bank_item
from tests.database import TestDatabase, as_role
from tests.engine_readings import (
    observe_permission,
    store_catalog_reading,
    store_share_reading,
    write_presence,
)


def list_lines(grant: Grant, mark: RequirementMark) -> list[str]:
    return [line.text for line in build_proof(grant).requirements if line.mark is mark]


def list_levels(grant: Grant) -> list[tuple[str, RequirementMark]]:
    return [(one.name, one.mark) for one in build_proof(grant).levels]


@pytest.fixture
def grant(bank: Bank) -> Grant:
    return approve(bank, submit_bank_item(bank))


def test_what_nobody_read_is_neither_met_nor_lacking(grant: Grant) -> None:
    unknown = list_lines(grant, RequirementMark.UNKNOWN)
    assert "Not read yet: The cross-account version is 3 or higher." in unknown
    assert "Not read yet: the IAM permissions of bi-reporting." in unknown
    assert list_levels(grant) == [
        ("L1", RequirementMark.LACKING),
        ("L2", RequirementMark.LACKING),
        ("L3", RequirementMark.UNKNOWN),
        ("L4", RequirementMark.UNKNOWN),
    ]


def test_each_lacking_line_says_what_to_do(bank: Bank, grant: Grant) -> None:
    store_catalog_reading(
        bank.catalog, CatalogFacts(frozenset(), cross_account_version=2, opens_new_tables_to_iam=True)
    )
    observe_permission(bank.claims, IAM_ALLOWED_PRINCIPALS, verb="ALL")
    finding = {
        "kind": "missing", "code": "policy_without_ram", "text": "It does not.", "remedy": "Add glue:ShareResource.",
    }  # fmt: skip
    with as_role("meshmarket_owner"):
        Checkup.objects.create(
            account=bank.catalog.account,
            requested_at=clock.now(),
            finished_at=clock.now(),
            findings=[finding],
        )
    found = list_remedies(grant)
    assert len(found) == 5
    assert all(found.values())
    assert (
        found["The catalog's resource policy does not allow sharing through RAM."]
        == "Add glue:ShareResource."
    )
    assert "The cross-account version is 2; 3 is needed." in found


def test_a_location_that_is_in_hybrid_access_mode_since_the_yes_is_told(bank: Bank, grant: Grant) -> None:
    text = "The data is in hybrid access mode, and the role is not opted in, so IAM decides for it."
    assert text not in list_lines(grant, RequirementMark.LACKING)
    set_hybrid(bank, grant)
    assert "The workers opt it in automatically" in list_remedies(grant)[text]
    with as_role("meshmarket_worker"):
        ObservedOptIn.objects.create(
            catalog=bank.catalog, principal_arn=bank.role.arn, seen_at=clock.now(),
            database=bank.claims.database.name, table=bank.claims.name,
        )  # fmt: skip
    assert "The data is in hybrid access mode, and the role is opted in." in list_lines(
        grant, RequirementMark.MET
    )


@pytest.mark.parametrize(
    ("changes", "what_to_do"),
    [
        (
            {"principal_arn": "310000000001", "consumer": "310000000001"},
            "request access for the roles that read",
        ),
        ({"adoption": {"companion_permissions": []}}, "The adopted permission has no opt-in"),
    ],
)
def test_where_the_workers_opt_nobody_in_a_person_is_told_what_to_do(
    bank: Bank, grant: Grant, changes: dict[str, Any], what_to_do: str
) -> None:
    grant.intent.wanted |= changes | {"location": "s3://lake/claims"}
    set_hybrid(bank, grant)
    assert what_to_do in " ".join(list_remedies(grant).values())


def test_for_a_whole_database_a_person_is_told_to_request_tables(bank: Bank, grant: Grant) -> None:
    set_hybrid(bank, grant)
    table = grant.intent.table_access
    reach = DatabaseReach(("claims",), (table.location,))
    grant.intent.wanted = DatabaseAccess(
        parties=table.parties, database=table.database, database_created="", reach=reach
    ).to_json()
    assert "request its tables by name" in " ".join(list_remedies(grant).values())


def set_hybrid(bank: Bank, grant: Grant) -> None:
    arn = f"arn:aws:s3:::{grant.intent.table_access.location.removeprefix('s3://').rstrip('/')}"
    store_catalog_reading(bank.catalog, CatalogFacts(frozenset()))
    with as_role("meshmarket_worker"):
        RegisteredLocation.objects.create(catalog=bank.catalog, arn=arn, is_hybrid=True, seen_at=clock.now())


def list_remedies(grant: Grant) -> dict[str, str]:
    return {
        line.text: line.remedy
        for line in build_proof(grant).requirements
        if line.mark is RequirementMark.LACKING
    }


def test_a_proof_with_a_delivered_share_is_of_the_second_level(bank: Bank, grant: Grant) -> None:
    store_share_reading(bank.catalog, bank.bi_account)
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    grant.refresh_from_db()
    assert list_levels(grant)[:2] == [("L1", RequirementMark.MET), ("L2", RequirementMark.MET)]
    assert build_proof(grant).levels[0].round == grant.intent.evidence_id


def test_looking_again_wakes_the_scopes_and_is_on_the_record(committed: TestDatabase, bank: Bank) -> None:
    grant = approve(bank, submit_bank_item(bank))
    before = Wake.objects.count()
    check_grant(acting_user=bank.ana, grant_id=grant.pk, now=clock.now())
    assert Wake.objects.count() == before + 2
    with pytest.raises(NotFoundError):
        check_grant(acting_user=bank.sam, grant_id=grant.pk, now=clock.now())
    assert Wake.objects.count() == before + 2


def test_an_auditor_starts_neither_a_check_nor_a_test_query(bank: Bank, grant: Grant) -> None:
    auditor = factories.make_auditor()
    assert not may_check_grant(auditor, grant)
    assert not may_run_test_query(auditor, grant)


def test_a_governance_admin_starts_a_check_but_no_test_query(bank: Bank, grant: Grant) -> None:
    assert may_check_grant(bank.greta, grant)
    assert not may_run_test_query(bank.greta, grant)


def test_the_asking_team_and_the_owners_start_both(bank: Bank, grant: Grant) -> None:
    for person in (bank.ana, bank.ines):
        assert may_check_grant(person, grant)
        assert may_run_test_query(person, grant)


def test_a_permission_is_proven_without_its_share_and_not_at_another_generation(
    bank: Bank, grant: Grant
) -> None:
    write_presence(grant.intent, Intent.Presence.PRESENT, catalog=bank.catalog, consumer=bank.bi_account)
    grant.intent.refresh_from_db()
    assert list_levels(grant)[:2] == [("L1", RequirementMark.MET), ("L2", RequirementMark.LACKING)]
    grant.intent.generation += 1
    assert list_levels(grant)[0] == ("L1", RequirementMark.LACKING)
