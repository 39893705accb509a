"""Which services take a role on: read from its trust policy, whatever that looks like."""

from typing import Any

import pytest

from workers.aws.iam import list_trusted_services

GLUE = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}


def build_role(*statements: Any) -> dict[str, Any]:
    return {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}}


@pytest.mark.parametrize(
    ("role", "services"),
    [
        (build_role(GLUE), ["glue.amazonaws.com"]),
        ({"AssumeRolePolicyDocument": {"Statement": GLUE}}, ["glue.amazonaws.com"]),
        (
            build_role(
                GLUE, {**GLUE, "Principal": {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]}}
            ),
            ["glue.amazonaws.com", "lambda.amazonaws.com"],
        ),
        (build_role({**GLUE, "Effect": "Deny"}), []),
        (build_role({**GLUE, "Principal": {"AWS": "arn:aws:iam::1:root"}}), []),
        (build_role({**GLUE, "Principal": "*"}), []),
        (build_role("x", None, 7), []),
        ({"AssumeRolePolicyDocument": "{}"}, []),
        ({"UserName": "x"}, []),
    ],
)
def test_services_are_those_that_its_policy_allows(role: dict[str, Any], services: list[str]) -> None:
    assert list_trusted_services(role) == services
