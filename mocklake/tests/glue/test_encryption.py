"""Encrypted metadata: the settings, and who is refused without the key."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mocklake.testing.athena_query import ask
from mocklake.testing.checks import refused
from mocklake.testing.in_process import InProcess

CENTRAL, CONSUMER = "111111111111", "222222222222"
SEED = str(Path(__file__).parents[3] / "mocklake/scenarios/seeds/pair.yaml")
ANALYST = f"arn:aws:iam::{CONSUMER}:role/analyst"
TABLE = {"DatabaseName": "sales", "Name": "secret"}


@pytest.fixture
def aws() -> Iterator[InProcess]:
    with InProcess(seed=SEED) as started:
        yield started


@pytest.fixture
def glue(aws: InProcess) -> Any:
    return aws.client("glue", CENTRAL)


def make_key(aws: InProcess, *principals: str) -> str:
    """A key of central's, for its own IAM and these principals."""
    rule = {
        "Effect": "Allow",
        "Action": "kms:*",
        "Resource": "*",
        "Principal": {"AWS": [f"arn:aws:iam::{CENTRAL}:root", *principals]},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [rule]})
    return str(aws.client("kms", CENTRAL).create_key(Policy=policy)["KeyMetadata"]["Arn"])


def disable(aws: InProcess, key: str) -> None:
    aws.client("kms", CENTRAL).disable_key(KeyId=key.rsplit("/", 1)[1])


def encrypt(glue: Any, key: str = "", mode: str = "SSE-KMS", **more: Any) -> None:
    at_rest = {"CatalogEncryptionMode": mode} | ({"SseAwsKmsKeyId": key} if key else {}) | more
    glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={"EncryptionAtRest": at_rest})


def make_shared_table(aws: InProcess, glue: Any) -> None:
    """A table that the analyst of the other account may read, and read nothing else."""
    columns = [{"Name": "id", "Type": "int"}]
    storage = {"Columns": columns, "Location": "s3://central-lake/secret/"}
    glue.create_table(DatabaseName="sales", TableInput={"Name": "secret", "StorageDescriptor": storage})
    lake = aws.client("lakeformation", CENTRAL, "admin")
    who = {"DataLakePrincipalIdentifier": ANALYST}
    lake.grant_permissions(Principal=who, Resource={"Table": TABLE}, Permissions=["SELECT"])


def reading(aws: InProcess, account: str = CONSUMER) -> Any:
    return aws.client("glue", account, "analyst")


def test_settings_are_off_until_they_are_put(aws: InProcess, glue: Any) -> None:
    settings = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert settings["EncryptionAtRest"] == {"CatalogEncryptionMode": "DISABLED"}
    key = make_key(aws)
    encrypt(glue, key)
    settings = glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert settings["EncryptionAtRest"] == {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": key}
    assert settings["ConnectionPasswordEncryption"] == {"ReturnConnectionPasswordEncrypted": False}


def test_a_key_that_cannot_be_used_is_refused(aws: InProcess, glue: Any) -> None:
    key = make_key(aws)
    disable(aws, key)
    for named in (key, "alias/none", f"{key[:-1]}x"):
        assert refused(encrypt, glue=glue, key=named) == "InvalidInputException"
    assert refused(encrypt, glue=glue, mode="SSE-KMS-WITH-SERVICE-ROLE") == "InvalidInputException"
    other = {"CatalogId": CONSUMER}
    assert refused(glue.get_data_catalog_encryption_settings, **other) == "AccessDeniedException"


def test_another_account_needs_the_key_in_the_keys_policy(aws: InProcess, glue: Any) -> None:
    encrypt(glue, make_key(aws))
    make_shared_table(aws, glue)
    assert refused(reading(aws).get_table, CatalogId=CENTRAL, **TABLE) == "GlueEncryptionException"
    listing = reading(aws).get_tables
    assert refused(listing, CatalogId=CENTRAL, DatabaseName="sales") == "GlueEncryptionException"
    encrypt(glue, make_key(aws, ANALYST))
    body = {"Name": "secret", "StorageDescriptor": {"Columns": [{"Name": "id", "Type": "int"}]}}
    glue.update_table(DatabaseName="sales", TableInput=body)
    assert reading(aws).get_table(CatalogId=CENTRAL, **TABLE)["Table"]["Name"] == "secret"


def test_what_was_written_without_encryption_is_read_without_the_key(aws: InProcess, glue: Any) -> None:
    make_shared_table(aws, glue)
    encrypt(glue, make_key(aws))
    assert reading(aws).get_table(CatalogId=CENTRAL, **TABLE)["Table"]["Name"] == "secret"


def test_what_was_written_with_encryption_stays_encrypted(aws: InProcess, glue: Any) -> None:
    encrypt(glue, make_key(aws))
    make_shared_table(aws, glue)
    encrypt(glue, mode="DISABLED")
    assert refused(reading(aws).get_table, CatalogId=CENTRAL, **TABLE) == "GlueEncryptionException"


def test_the_key_of_aws_serves_its_own_account_only(aws: InProcess, glue: Any) -> None:
    encrypt(glue)
    make_shared_table(aws, glue)
    assert refused(reading(aws).get_table, CatalogId=CENTRAL, **TABLE) == "GlueEncryptionException"
    auditor = aws.client("glue", CENTRAL, "auditor")
    assert auditor.get_table(**TABLE)["Table"]["Name"] == "secret"


def test_inside_the_account_iam_must_allow_the_key(aws: InProcess, glue: Any) -> None:
    key = make_key(aws)
    encrypt(glue, key)
    make_shared_table(aws, glue)
    iam = aws.client("iam", CENTRAL)
    denial = {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": key}
    text = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(RoleName="auditor", PolicyName="no-key", PolicyDocument=text)
    assert refused(aws.client("glue", CENTRAL, "auditor").get_table, **TABLE) == "GlueEncryptionException"
    assert aws.client("glue", CENTRAL, "admin").get_table(**TABLE)["Table"]["Name"] == "secret"


def test_a_service_role_decrypts_for_everyone(aws: InProcess, glue: Any) -> None:
    role = f"arn:aws:iam::{CENTRAL}:role/engineer"
    encrypt(glue, make_key(aws), "SSE-KMS-WITH-SERVICE-ROLE", CatalogEncryptionServiceRole=role)
    make_shared_table(aws, glue)
    assert reading(aws).get_table(CatalogId=CENTRAL, **TABLE)["Table"]["Name"] == "secret"


def test_writing_needs_the_key_too(aws: InProcess, glue: Any) -> None:
    key = make_key(aws)
    encrypt(glue, key)
    disable(aws, key)
    assert refused(glue.create_database, DatabaseInput={"Name": "new"}) == "GlueEncryptionException"
    assert refused(glue.get_database, Name="new") == "EntityNotFoundException"


def test_a_query_fails_without_the_key(aws: InProcess, glue: Any) -> None:
    encrypt(glue, make_key(aws))
    make_shared_table(aws, glue)
    link = {"Name": "linked", "TargetDatabase": {"CatalogId": CENTRAL, "DatabaseName": "sales"}}
    aws.client("glue", CONSUMER, "admin").create_database(DatabaseInput=link)
    local, who = aws.client("lakeformation", CONSUMER, "admin"), {"DataLakePrincipalIdentifier": ANALYST}
    local.grant_permissions(
        Principal=who, Resource={"Database": {"Name": "linked"}}, Permissions=["DESCRIBE"]
    )
    answer = ask(aws.client("athena", CONSUMER, "analyst"), "SELECT id FROM secret", "linked")
    assert (answer.state, "kms:Decrypt" in answer.reason) == ("FAILED", True)


def test_without_the_key_the_catalogs_policy_is_not_listed(aws: InProcess, glue: Any) -> None:
    key = make_key(aws)
    encrypt(glue, key)
    rule = {"Effect": "Allow", "Action": "glue:*", "Resource": "*", "Principal": {"AWS": CONSUMER}}
    glue.put_resource_policy(PolicyInJson=json.dumps({"Version": "2012-10-17", "Statement": [rule]}))
    assert len(glue.get_resource_policies()["GetResourcePoliciesResponseList"]) == 1
    disable(aws, key)
    assert glue.get_resource_policies()["GetResourcePoliciesResponseList"] == []
