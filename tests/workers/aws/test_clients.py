"""One client of a service speaks for every account, each call with the keys of whoever makes it."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from demo.bank.accounts import BI, GOVERNANCE, PARTNER, REGION
from identity.accounts import Account
from tests.workers.mesh import Mesh
from workers.aws.reads import read_caller_arn, read_permissions
from workers.aws.sessions import get_client, parse_responses_as_json


class Body:
    def __init__(self, answer: object) -> None:
        self._text = json.dumps(answer).encode()

    def stream(self) -> Iterator[bytes]:
        yield self._text


def test_many_at_once_each_sign_for_themselves(mesh: Mesh) -> None:
    accounts = [Account.objects.get(account_id=number) for number in (GOVERNANCE, BI, PARTNER)] * 8
    speakers = [get_client("sts", account=one, role="observer", region=REGION) for one in accounts]
    with ThreadPoolExecutor(8) as pool:
        found = [arn.split(":")[4] for arn in pool.map(read_caller_arn, speakers)]
    assert found == [one.account_id for one in accounts]


def test_null_in_plain_json_is_left_out() -> None:
    lake = boto3.client("lakeformation", REGION, aws_access_key_id="a", aws_secret_access_key="b")
    parse_responses_as_json(lake, "lakeformation", ["ListPermissions"])
    row = {
        "Resource": {"Database": None, "Table": {"Name": "t"}},
        "Permissions": ["SELECT"],
        "LastUpdated": 1.5,
    }
    body = Body({"PrincipalResourcePermissions": [row], "NextToken": None})
    lake.meta.events.register(
        "before-send", lambda request, **_: AWSResponse(request.url, 200, HTTPHeaders(), body)
    )
    assert read_permissions(lake, BI) == [{**row, "Resource": {"Table": {"Name": "t"}}}]
