"""What an account's set-up lacks is named, and what is well is not."""

import json
from dataclasses import replace
from typing import Any

import pytest

from lakeformation.checkup import (
    BLOCKING_KINDS,
    AccountReading,
    FindingKind,
    RegisteredLocation,
    list_findings,
)

OBSERVER, EXECUTOR = "arn:aws:iam::111111111111:role/observer", "arn:aws:iam::111111111111:role/executor"
OTHER = "arn:aws:iam::111111111111:role/other"


def build_principal(arn: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": arn}


def build_settings(**changes: Any) -> dict[str, Any]:
    return {
        "DataLakeAdmins": [build_principal(EXECUTOR)],
        "ReadOnlyAdmins": [build_principal(OBSERVER)],
        "CreateTableDefaultPermissions": [],
        "CreateDatabaseDefaultPermissions": [],
        "Parameters": {"CROSS_ACCOUNT_VERSION": "4"},
    } | changes


COMPLETE_READING = AccountReading(
    observer=OBSERVER, executor=EXECUTOR, owns_catalog=True, settings=build_settings(), permissions=[],
    locations=[RegisteredLocation("arn:aws:s3:::gold", "arn:aws:iam::111111111111:role/reads")],
    resource_policy="", encryption={"EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"}},
)  # fmt: skip


def list_codes(reading: AccountReading) -> list[str]:
    return [finding.code for finding in list_findings(reading)]


def build_row(holder: str, resource: dict[str, Any], *verbs: str) -> dict[str, Any]:
    return {"Principal": build_principal(holder), "Resource": resource, "Permissions": list(verbs)}


def test_an_account_that_is_well_has_no_findings() -> None:
    assert list_findings(COMPLETE_READING) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ReadOnlyAdmins": []}, "observer_is_no_reader"),
        ({"DataLakeAdmins": []}, "executor_is_no_administrator"),
        ({"Parameters": {"CROSS_ACCOUNT_VERSION": "2"}}, "version_too_low"),
        ({"Parameters": {}}, "version_too_low"),
        ({"CreateTableDefaultPermissions": [{"Permissions": ["ALL"]}]}, "new_things_are_open"),
        ({"CreateDatabaseDefaultPermissions": [{"Permissions": ["ALL"]}]}, "new_things_are_open"),
        ({"DataLakeAdmins": [build_principal(EXECUTOR), build_principal(OTHER)]}, "other_administrators"),
    ],
)
def test_settings_that_do_not_hold(changes: dict[str, Any], code: str) -> None:
    assert list_codes(replace(COMPLETE_READING, settings=build_settings(**changes))) == [code]


def test_a_receiving_account_needs_no_administrator_but_the_right_to_make_links() -> None:
    receives = replace(COMPLETE_READING, owns_catalog=False, settings=build_settings(DataLakeAdmins=[]))
    assert list_codes(receives) == ["executor_cannot_make_links"]
    able = build_row(EXECUTOR, {"Catalog": {}}, "CREATE_DATABASE")
    assert list_codes(replace(receives, permissions=[able])) == []
    assert list_codes(replace(receives, settings=build_settings())) == []
    cut = replace(receives, settings=build_settings(DataLakeAdmins=[], ReadOnlyAdmins=[]))
    assert list_codes(cut) == ["observer_is_no_reader"]
    passes_on = replace(receives, permissions=[able], has_local_groups=True)
    assert list_codes(passes_on) == ["executor_cannot_pass_on"]
    assert list_codes(replace(passes_on, settings=build_settings())) == []


TABLE = {"Table": {"DatabaseName": "gold", "Name": "claims"}}


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (build_row("IAM_ALLOWED_PRINCIPALS", TABLE, "ALL"), "left_to_iam"),
        (build_row(OTHER, {"LFTag": {"TagKey": "tier", "TagValues": ["gold"]}}, "ASSOCIATE"), "others_tag"),
        (build_row(OTHER, {"Database": {"Name": "gold"}}, "ALL"), "others_hold_everything"),
    ],
)
def test_side_doors_are_named_and_do_not_block(found: dict[str, Any], code: str) -> None:
    (finding,) = list_findings(replace(COMPLETE_READING, permissions=[found]))
    assert (finding.code, finding.kind) == (code, FindingKind.BYPASS)
    assert finding.kind not in BLOCKING_KINDS


@pytest.mark.parametrize(
    "found",
    [
        build_row("IAM_ALLOWED_PRINCIPALS", {"Catalog": {}}, "CREATE_DATABASE"),
        build_row(EXECUTOR, {"LFTag": {"TagKey": "tier", "TagValues": ["gold"]}}, "ASSOCIATE"),
        build_row(OTHER, TABLE, "SELECT"),
    ],
)
def test_what_is_usual_is_no_side_door(found: dict[str, Any]) -> None:
    assert list_codes(replace(COMPLETE_READING, permissions=[found])) == []


def test_long_lists_are_counted() -> None:
    rows = [
        build_row("IAM_ALLOWED_PRINCIPALS", {"Table": {"DatabaseName": "gold", "Name": f"t{n}"}}, "ALL")
        for n in range(8)
    ]
    (finding,) = list_findings(replace(COMPLETE_READING, permissions=rows))
    assert "gold.t0, gold.t1, gold.t2, gold.t3, gold.t4 and 3 more" in finding.text


def test_a_location_of_the_service_linked_role_and_one_that_was_not_verified() -> None:
    linked = "arn:aws:iam::111111111111:role/aws-service-role/lakeformation.amazonaws.com/x"
    locations = [
        RegisteredLocation("arn:aws:s3:::a", linked),
        RegisteredLocation("arn:aws:s3:::b", OTHER, "VERIFICATION_FAILED"),
    ]
    found = list_codes(replace(COMPLETE_READING, locations=locations))
    assert found == ["service_linked_location", "location_not_verified"]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "glue:*"}, ["policy_without_ram"]),
        (
            {
                "Effect": "Allow",
                "Principal": {"Service": "ram.amazonaws.com"},
                "Action": ["glue:ShareResource"],
            },
            [],
        ),
    ],
)
def test_a_resource_policy_must_let_ram_share(statement: dict[str, Any], expected: list[str]) -> None:
    for statements in ([statement], statement):
        policy = json.dumps({"Statement": statements})
        assert list_codes(replace(COMPLETE_READING, resource_policy=policy)) == expected


def test_an_encrypted_catalog_is_worth_knowing() -> None:
    encryption = {"EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "key-1"}}
    (finding,) = list_findings(replace(COMPLETE_READING, encryption=encryption))
    assert (finding.kind, "key-1" in finding.text) == (FindingKind.ADVICE, True)


def test_what_could_not_be_read_blocks_and_comes_before_side_doors() -> None:
    unread = replace(
        COMPLETE_READING,
        settings=None,
        read_errors={"the data lake's settings": "no rights"},
        roles_without_external_id=frozenset({OBSERVER}),
    )
    unreadable, door = list_findings(unread)
    assert (unreadable.kind in BLOCKING_KINDS, door.code) == (True, "external_id_not_asked")
    assert unreadable.text == "The data lake's settings could not be read: no rights"


def test_unlisted_row_level_security_policies_are_a_note_where_a_catalog_is_granted_from() -> None:
    (note,) = list_findings(replace(COMPLETE_READING, row_policies_error="not authorized"))
    assert (note.code, note.kind) == ("row_policies_unread", FindingKind.ADVICE)
    assert "lakeformation:ListRLSPolicyAttachments" in note.remedy
    receiving = replace(COMPLETE_READING, owns_catalog=False, row_policies_error="not authorized")
    assert "row_policies_unread" not in list_codes(receiving)
