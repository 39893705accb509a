"""What cannot be read as a request at all is refused in the words that Athena was measured to use."""

import json
from typing import Any

import pytest

from mocklake.testing.in_process import InProcess
from mocklake.tests.validation.raw_requests import Sender

ACCOUNT = "111111111111"
JSON = "application/x-amz-json-1.1"
NOT_NULL = "1 validation error detected: Value null at 'workGroup' failed to satisfy constraint: Member must not be null"
TOO_MANY = "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 50"


@pytest.fixture(scope="module")
def sender() -> Sender:
    return Sender(InProcess(), ACCOUNT)


@pytest.mark.parametrize(
    ("operation", "body", "code", "message"),
    [
        ("ListWorkGroups", "", "SerializationException", None),
        ("ListWorkGroups", "{", "SerializationException", None),
        ("ListWorkGroups", "null", "SerializationException", None),
        ("ListWorkGroups", '{"MaxResults": NaN}', "SerializationException", None),
        ("ListWorkGroups", "[" * 100_000, "SerializationException", None),
        ("ListWorkGroups", "[]", "SerializationException", "Start of list found where not expected"),
        ("ListWorkGroups", {"MaxResults": "1"}, "SerializationException", "STRING_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": True}, "SerializationException", "TRUE_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": [1]}, "SerializationException", "Start of list found where not expected"),
        ("ListWorkGroups", {"MaxResults": {}}, "SerializationException", "Start of structure or map found where not expected."),
        ("ListWorkGroups", {"NextToken": 1}, "SerializationException", "NUMBER_VALUE can not be converted to a String"),
        ("ListWorkGroups", {"MaxResults": 99999999999}, "InvalidRequestException", TOO_MANY),
        ("GetWorkGroup", {}, "InvalidRequestException", NOT_NULL),
        ("GetWorkGroup", {"WorkGroup": None}, "InvalidRequestException", NOT_NULL),
        ("StartQueryExecution", {"QueryString": "x", "ExecutionParameters": "x"}, "SerializationException", "Expected list or null"),
        ("StartQueryExecution", {"QueryString": "x", "ResultConfiguration": 1}, "SerializationException", "Expected null"),
    ],
)  # fmt: skip
def test_a_body_is_refused_in_athenas_words(
    sender: Sender, operation: str, body: Any, code: str, message: str | None
) -> None:
    sent = body if isinstance(body, str) else json.dumps(body)
    answer = sender.call("athena", operation, sent.encode())
    told = json.loads(answer.body)
    assert (answer.status, told["__type"], told.get("Message")) == (400, code, message)


@pytest.mark.parametrize("body", [{"MaxResults": None}, {"Foo": 1}, {"MaxResults": 1.9}])
def test_nulls_unknown_members_and_decimals_are_taken(sender: Sender, body: dict[str, Any]) -> None:
    assert sender.call("athena", "ListWorkGroups", json.dumps(body).encode()).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Amz_Target": "AmazonAthena.Nope"},
        {"X_Amz_Target": "ListWorkGroups"},
        {"X_Amz_Target": "amazonathena.listworkgroups"},
        {},
    ],
)
def test_an_operation_that_is_not_named_right_is_unknown(sender: Sender, headers: dict[str, str]) -> None:
    answer = sender.send("athena", b"{}", Content_Type=JSON, **headers)
    assert (answer.status, json.loads(answer.body)) == (400, {"__type": "UnknownOperationException"})


@pytest.mark.parametrize(
    ("service", "options"),
    [
        ("athena", {"method": "GET", "X_Amz_Target": "AmazonAthena.ListWorkGroups"}),
        ("athena", {"path": "/deeper", "X_Amz_Target": "AmazonAthena.ListWorkGroups"}),
        ("athena", {"Content_Type": "text/xml", "X_Amz_Target": "AmazonAthena.ListWorkGroups"}),
        ("lakeformation", {"path": "/NoSuchOperation", "Content_Type": "application/json"}),
        ("lakeformation", {"path": "/ListPermissions", "method": "PUT", "Content_Type": "application/json"}),
        ("ram", {"path": "/", "method": "DELETE", "Content_Type": "application/json"}),
    ],
)
def test_a_wrong_method_path_or_content_type_finds_no_operation(
    sender: Sender, service: str, options: dict[str, str]
) -> None:
    answer = sender.send(service, b"{}", **options)
    assert answer.status in (400, 404)
    assert json.loads(answer.body)["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ("", "MissingAction"),
        ("Action=Nope&Version=2011-06-15", "InvalidAction"),
        ("Action=AssumeRole&Version=2011-06-15", "ValidationError"),
        ("Action=AssumeRole&RoleArn=arn:aws:iam::1:role/a&RoleSessionName=a%20b", "ValidationError"),
        ("Action=AssumeRole&DurationSeconds=long", "MalformedInput"),
        ("Action=AssumeRole&Tags.member.1.Key.Deep=1", "MalformedInput"),
        ("Action=AssumeRole&Tags.one.Key=1", "MalformedInput"),
        ("Action=AssumeRole&RoleArn=short&RoleSessionName=ab", "ValidationError"),
    ],
)
def test_the_query_protocol_has_its_own_words(sender: Sender, form: str, code: str) -> None:
    answer = sender.send("sts", form.encode(), Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 400
    assert f"<Code>{code}</Code>" in answer.body


def test_text_lists_are_named_as_a_whole_with_every_rule(sender: Sender) -> None:
    body = json.dumps({"TagKey": "k", "TagValues": ["a|b", "c"]}).encode()
    message = json.loads(sender.call("lakeformation", "CreateLFTag", body).body)["Message"]
    assert (
        "Value '[a|b, c]' at 'tagValues' failed to satisfy constraint: Member must satisfy constraint: ["
        in message
    )


def test_a_malformed_size_of_a_page_has_the_operations_own_code(sender: Sender) -> None:
    answer = sender.call("cloudtrail", "LookupEvents", b'{"MaxResults": 51}')
    assert json.loads(answer.body)["__type"] == "InvalidMaxResultsException"
