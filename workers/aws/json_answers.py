"""Answers as the JSON that they are: botocore's parser is nine tenths of the time that a listing takes."""

import json
from collections.abc import Iterable
from typing import Any

LARGEST_SUCCESS = 299


def answer_as_json(client: Any, service: str, operations: Iterable[str]) -> None:
    """From here on these operations of the client answer with plain JSON: times are seconds since 1970.

    Null is left out, as botocore leaves it out. Errors are parsed as ever.
    """
    for operation in operations:
        client.meta.events.register(f"before-parse.{service}.{operation}", _take_over)


def _take_over(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] > LARGEST_SUCCESS:
        return
    body = response_dict["body"]
    try:
        # Looking at each object takes as long as parsing does: only where there is one to be left out.
        answer = json.loads(body, object_hook=_without_null if b"null" in body else None)
    except ValueError:
        # botocore then meets the same body, and says what is wrong with it.
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _without_null(found: dict[str, Any]) -> dict[str, Any]:
    if None not in found.values():
        return found
    return {name: value for name, value in found.items() if value is not None}
