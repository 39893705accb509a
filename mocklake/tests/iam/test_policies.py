"""Policy documents: wildcards, denies, conditions, and what is not understood."""

import json
from typing import Any

import pytest

from mocklake.iam.policy_documents import Decision, decide, statements

ROLE = "arn:aws:iam::111111111111:role/reader"
OBJECT = "arn:aws:s3:::bucket/key"


def rule(
    effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = "*", **more: Any
) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


@pytest.mark.parametrize(
    ("rules", "decision"),
    [
        ([], Decision.SILENT),
        ([rule()], Decision.ALLOW),
        ([rule(action=["s3:Put*", "S3:get*"])], Decision.ALLOW),
        ([rule(action="s3:Put*")], Decision.SILENT),
        ([rule(resource="arn:aws:s3:::bucket/*")], Decision.ALLOW),
        ([rule(resource="arn:aws:s3:::bucket")], Decision.SILENT),
        ([rule(resource="arn:aws:s3:::[b]ucket/*")], Decision.SILENT),
        ([rule(), rule("Deny", "s3:*")], Decision.DENY),
        ([rule("Deny", "s3:PutObject"), rule()], Decision.ALLOW),
        ([rule(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})], Decision.SILENT),
        (
            [rule(), rule("Deny", Condition={"DateLessThan": {"aws:CurrentTime": "2026-01-01"}})],
            Decision.DENY,
        ),
        ([rule(), rule("Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})], Decision.ALLOW),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], Decision.SILENT),
        ([rule(), {"Effect": "Deny", "NotAction": "iam:*", "Resource": "*"}], Decision.DENY),
    ],
)
def test_a_deny_prevails_and_a_gap_is_a_refusal(rules: list[dict[str, Any]], decision: Decision) -> None:
    assert decide(rules, "s3:GetObject", OBJECT) is decision


@pytest.mark.parametrize(
    ("principal", "decision"),
    [
        ("*", Decision.ALLOW),
        ({"AWS": ROLE}, Decision.ALLOW),
        ({"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::111111111111:root"]}, Decision.ALLOW),
        ({"AWS": "111111111111"}, Decision.ALLOW),
        ({"AWS": f"{ROLE}er"}, Decision.SILENT),
        ({"Service": "athena.amazonaws.com"}, Decision.SILENT),
    ],
)
def test_a_resource_policy_means_the_role_or_its_account(principal: Any, decision: Decision) -> None:
    assert decide([rule(Principal=principal)], "s3:GetObject", OBJECT, principal=ROLE) is decision


@pytest.mark.parametrize(
    ("given", "decision"), [("right", Decision.ALLOW), ("wrong", Decision.SILENT), ("", Decision.SILENT)]
)
def test_a_condition_compares_exactly(given: str, decision: Decision) -> None:
    needs = rule(Condition={"StringEquals": {"sts:ExternalId": "right"}})
    context = {"sts:ExternalId": given} if given else {}
    assert decide([needs], "s3:GetObject", OBJECT, context=context) is decision


@pytest.mark.parametrize("document", ["", "no json", "[]", "{}", '{"Statement": []}'])
def test_a_document_that_cannot_be_read_allows_nothing(document: str) -> None:
    assert statements(document) == []


def test_a_single_statement_needs_no_list() -> None:
    assert statements(json.dumps({"Statement": rule()})) == [rule()]
