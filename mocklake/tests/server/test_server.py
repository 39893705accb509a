"""The front door: credentials, protocols, faults that every service shares."""

import urllib.error
import urllib.request
from typing import Any

import pytest

from mocklake import moto_bridge
from mocklake.testing.checks import refused
from mocklake.testing.server import Cloud
from mocklake.tests.accounts import CENTRAL, CONSUMER

UNKNOWN = {"AccessKeyId": "AKIA0000000000000000", "SecretAccessKey": "x"}


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("iam", "list_roles", "InvalidClientTokenId"),
        ("glue", "get_databases", "UnrecognizedClientException"),
        ("lakeformation", "get_data_lake_settings", "UnrecognizedClientException"),
        ("athena", "list_work_groups", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_an_unknown_access_key_is_refused_in_the_protocols_own_words(
    cloud: Cloud, service: str, operation: str, code: str
) -> None:
    assert refused(getattr(cloud.client_of(service, UNKNOWN), operation)) == code


def test_a_session_key_without_its_token_is_refused(cloud: Cloud) -> None:
    keys = cloud.control(f"credentials?account={CONSUMER}&role=analyst")
    stolen = cloud.client_of("sts", {**keys, "SessionToken": None})
    assert refused(stolen.get_caller_identity) == "InvalidClientTokenId"


def test_a_wrong_secret_is_refused(cloud: Cloud) -> None:
    keys = cloud.control(f"credentials?account={CONSUMER}")
    forged = {**keys, "SecretAccessKey": "wrong"}
    assert refused(cloud.client_of("sts", forged).get_caller_identity) == "SignatureDoesNotMatch"
    assert refused(cloud.client_of("glue", forged).get_databases) == "InvalidSignatureException"
    assert refused(cloud.client_of("s3", forged).list_buckets) == "SignatureDoesNotMatch"


def test_a_body_that_was_changed_on_the_way_is_refused(cloud: Cloud) -> None:
    glue = cloud.client("glue", CENTRAL)

    def change(request: Any, **_: Any) -> None:
        request.body = request.body.replace(b"shop_gold", b"shop_silv")

    glue.meta.events.register("before-send.glue.GetTables", change)
    assert refused(glue.get_tables, DatabaseName="shop_gold") == "InvalidSignatureException"


def test_a_client_cannot_choose_its_account_by_a_header(cloud: Cloud) -> None:
    iam = cloud.client("iam", CONSUMER)
    iam.meta.events.register(
        "before-sign.*", lambda request, **_: request.headers.add_header("x-moto-account-id", CENTRAL)
    )
    names = {role["RoleName"] for role in iam.list_roles()["Roles"]}
    assert "analyst" in names
    assert "automation" not in names


@pytest.mark.parametrize(
    ("service", "operation", "name"),
    [
        ("glue", "list_workflows", "glue:ListWorkflows"),
        ("lakeformation", "list_transactions", "lakeformation:ListTransactions"),
        ("ram", "list_permission_associations", "ram:ListPermissionAssociations"),
        ("redshift", "describe_clusters", "redshift:DescribeClusters"),
        ("iam", "list_service_specific_credentials", "iam:ListServiceSpecificCredentials"),
    ],
)
def test_what_is_not_implemented_is_said_once_and_counted(
    cloud: Cloud, service: str, operation: str, name: str
) -> None:
    before = cloud.control("unimplemented").get(name, 0)
    client = cloud.client_of(service, cloud.control(f"credentials?account={CENTRAL}"), retries=4)
    assert refused(getattr(client, operation)) == "MocklakeNotImplemented"
    assert cloud.control("unimplemented")[name] == before + 1


def test_a_role_calls_only_what_its_own_policies_allow(cloud: Cloud) -> None:
    assert refused(cloud.client("iam", CONSUMER, "analyst").list_roles) == "AccessDenied"
    lake = cloud.client("lakeformation", CONSUMER, "analyst")
    assert refused(lake.list_permissions) == "AccessDeniedException"


def test_motos_own_control_pages_are_not_reachable(cloud: Cloud) -> None:
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{cloud.url}/moto-api/data.json", timeout=5)  # noqa: S310
    assert refusal.value.code == 403
    refusal.value.close()


def test_a_moto_that_lacks_something_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto_bridge, "USED", ((moto_bridge, "role"), (moto_bridge, "gone")))
    with pytest.raises(moto_bridge.UnfitMotoError, match=r"moto [\d.]+ has no mocklake\.moto_bridge\.gone"):
        moto_bridge.check_moto()
