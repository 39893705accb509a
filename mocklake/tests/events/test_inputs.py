"""What a target is handed instead of the whole event."""

import json
from typing import Any

import pytest

from mocklake.events.rules import body_for, fault_of

RULE = "arn:aws:events:eu-central-1:111111111111:rule/changes"
EVENT: dict[str, Any] = {
    "time": "2026-11-20T10:00:00Z",
    "source": "s",
    "detail": {"a": 'x"y', "n": 3, "l": [1, {"k": 2}]},
}


def _body(**target: Any) -> str:
    return body_for(target, EVENT, rule_arn=RULE)


def _transformed(template: str, **paths: str) -> str:
    return _body(InputTransformer={"InputPathsMap": paths, "InputTemplate": template})


def test_the_event_a_constant_or_a_part() -> None:
    assert json.loads(_body()) == EVENT
    assert _body(Input='{"c": 1}') == '{"c": 1}'
    assert json.loads(_body(InputPath="$.detail.l[1]")) == {"k": 2}
    assert _body(InputPath="$.detail.missing") == "null"


def test_a_template_is_filled() -> None:
    assert json.loads(_transformed('{"a": <a>, "n": <n>}', a="$.detail.a", n="$.detail.n")) == {
        "a": 'x"y',
        "n": 3,
    }
    assert json.loads(_transformed('"The <a> of <n>"', a="$.detail.a", n="$.detail.n")) == 'The x"y of 3'
    assert _transformed('"<m>" <unknown>', m="$.detail.m") == '"" <unknown>'


def test_reserved_places() -> None:
    assert json.loads(_transformed("<aws.events.event.json>")) == EVENT
    assert "detail" not in json.loads(_transformed("<aws.events.event>"))
    assert _transformed('"<aws.events.rule-arn> <aws.events.rule-name>"') == f'"{RULE} changes"'


@pytest.mark.parametrize(
    "target",
    [
        {"Input": "1", "InputPath": "$"},
        {"InputPath": "detail"},
        {"InputTransformer": {"InputPathsMap": {"a": "$.x[?(@.y)]"}, "InputTemplate": "<a>"}},
        {"InputTransformer": {"InputPathsMap": {"AWS.x": "$.x"}, "InputTemplate": "<AWS.x>"}},
    ],
)
def test_what_cannot_be_is_told(target: dict[str, Any]) -> None:
    assert fault_of({"Id": "q", **target})
