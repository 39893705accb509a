"""No text of a body holds what PostgreSQL cannot store, however it is written."""

from io import BytesIO

import pytest
from rest_framework.exceptions import ParseError

from portal.api.parsers import ShallowJSONParser


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (rb'{"a": "\u0000"}', "utf-8"),
        (rb'{"a": ["\ud800"]}', "utf-8"),
        (rb'{"\uDFFF": 1}', "utf-8"),
        (b'{"a": "\x00"}', "utf-8"),
        ('{"a": "\\u0000"}'.encode("utf-16"), "utf-16"),
        (b'{"a": "\xed\xa0\x80"}', "utf-8"),
    ],
)
def test_nul_and_lone_surrogates_are_refused(body: bytes, encoding: str) -> None:
    with pytest.raises(ParseError):
        ShallowJSONParser().parse(BytesIO(body), "application/json", {"encoding": encoding})


@pytest.mark.parametrize("text", ["\U0001f600", "\\u0000", "ü"])
def test_other_texts_are_taken(text: str) -> None:
    escaped = text.replace("\\", "\\\\")
    body = f'{{"a": "{escaped}", "b": "\\ud83d\\ude00"}}'.encode()
    found = ShallowJSONParser().parse(BytesIO(body), "application/json", {"encoding": "utf-8"})
    assert found == {"a": text, "b": "\U0001f600"}
