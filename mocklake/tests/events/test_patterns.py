"""Event patterns against events, operator by operator, and patterns that are refused."""

import json
from typing import Any

import pytest

from mocklake.errors import AwsError
from mocklake.events.patterns import fits, read

EVENT = {
    "source": "aws.glue",
    "detail": {
        "name": "Claims-Gold",
        "count": 5,
        "flag": True,
        "none": None,
        "ip": "10.0.3.4",
        "path": "a/b/file.png",
        "tags": ["red", "blue"],
        "empty": [],
        "rows": [{"k": "a", "v": 1}, {"k": "b", "v": 2}],
    },
}


def _fits(field: str, *wanted: Any) -> bool:
    return fits(read(json.dumps({"detail": {field: list(wanted)}})), EVENT)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("name", "Claims-Gold"),
        ("name", {"prefix": "Claims"}),
        ("name", {"prefix": {"equals-ignore-case": "cLAIMS"}}),
        ("name", {"suffix": "Gold"}),
        ("name", {"suffix": {"equals-ignore-case": "gOLD"}}),
        ("name", {"equals-ignore-case": "claims-gold"}),
        ("name", {"anything-but": "other"}),
        ("name", {"anything-but": ["one", "two"]}),
        ("name", {"anything-but": {"prefix": "x"}}),
        ("name", {"anything-but": {"suffix": ["x", "y"]}}),
        ("name", {"anything-but": {"wildcard": "*silver"}}),
        ("name", {"anything-but": {"equals-ignore-case": "x"}}),
        ("count", 5),
        ("count", {"numeric": ["=", 5]}),
        ("count", {"numeric": [">", 4, "<=", 5]}),
        ("count", {"anything-but": 6}),
        ("flag", True),
        ("none", None),
        ("ip", {"cidr": "10.0.0.0/16"}),
        ("path", {"wildcard": "a/*/*.png"}),
        ("tags", "blue"),
        ("tags", {"prefix": "re"}),
        ("name", {"exists": True}),
        ("missing", {"exists": False}),
        ("empty", {"exists": False}),
    ],
)
def test_it_fits(field: str, wanted: Any) -> None:
    assert _fits(field, wanted)
    assert _fits(field, "something else", wanted)


@pytest.mark.parametrize(
    ("field", "wanted"),
    [
        ("name", "claims-gold"),
        ("name", {"prefix": "claims"}),
        ("name", {"anything-but": {"prefix": ["x", "Cl"]}}),
        ("name", {"anything-but": ["Claims-Gold", "two"]}),
        ("count", {"numeric": ["<", 5]}),
        ("count", "5"),
        ("flag", 1),
        ("flag", {"numeric": ["=", 1]}),
        ("ip", {"cidr": "10.1.0.0/16"}),
        ("name", {"cidr": "10.1.0.0/16"}),
        ("path", {"wildcard": "a/*.jpg"}),
        ("missing", {"anything-but": "x"}),
        ("missing", {"exists": True}),
        ("name", {"exists": False}),
        ("missing", None),
    ],
)
def test_it_does_not_fit(field: str, wanted: Any) -> None:
    assert not _fits(field, wanted)


def test_all_fields_must_fit_and_one_of_a_choice() -> None:
    assert fits(read('{"source": ["aws.glue"], "detail": {"count": [5]}}'), EVENT)
    assert not fits(read('{"source": ["aws.glue"], "detail": {"count": [6]}}'), EVENT)
    choice = '{"source": ["aws.glue"], "$or": [{"detail": {"count": [6]}}, {"detail": {"flag": [true]}}]}'
    assert fits(read(choice), EVENT)
    assert not fits(read(choice.replace("true", "false")), EVENT)


def test_one_object_of_a_list_must_fit_as_a_whole() -> None:
    assert fits(read('{"detail": {"rows": {"k": ["b"], "v": [2]}}}'), EVENT)
    assert not fits(read('{"detail": {"rows": {"k": ["a"], "v": [2]}}}'), EVENT)


def test_a_star_can_be_meant_itself() -> None:
    assert fits(read(r'{"x": [{"wildcard": "a\\*b*"}]}'), {"x": "a*bc"})
    assert not fits(read(r'{"x": [{"wildcard": "a\\*b*"}]}'), {"x": "axbc"})


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        '{"source": "aws.glue"}',
        '{"source": []}',
        '{"detail": {}}',
        '{"source": [["a"]]}',
        '{"source": [{"like": "a"}]}',
        '{"source": [{"prefix": "a", "suffix": "b"}]}',
        '{"n": [{"numeric": ["<", "5"]}]}',
        '{"n": [{"numeric": ["<", 5, ">", 1]}]}',
        '{"n": [{"exists": "yes"}]}',
        '{"n": [{"cidr": "10.0.0.0/99"}]}',
        '{"n": [{"anything-but": {"numeric": ["=", 1]}}]}',
        '{"n": [{"anything-but": []}]}',
    ],
)
def test_a_malformed_pattern_is_refused(text: str) -> None:
    with pytest.raises(AwsError) as refused:
        read(text)
    assert refused.value.code == "InvalidEventPatternException"
