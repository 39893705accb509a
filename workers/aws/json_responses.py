"""Parses responses as plain JSON, as botocore's parser takes nine tenths of the time of a listing."""

import json
from collections.abc import Iterable
from typing import Any

MAX_SUCCESS_STATUS = 299


def parse_responses_as_json(client: Any, service: str, operations: Iterable[str]) -> None:
    """Have these operations of the client return plain JSON; times are seconds since 1970.

    Null is left out, as botocore leaves it out. Errors are parsed as ever.
    """
    for operation in operations:
        client.meta.events.register(f"before-parse.{service}.{operation}", _parse_response)


def _parse_response(
    response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    if response_dict["status_code"] > MAX_SUCCESS_STATUS:
        return
    body = response_dict["body"]
    try:
        # Looking at each object takes as long as parsing does: only where there is one to be left out.
        answer = json.loads(body, object_hook=_drop_nulls if b"null" in body else None)
    except ValueError:
        # botocore then meets the same body, and says what is wrong with it.
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"


def _drop_nulls(found: dict[str, Any]) -> dict[str, Any]:
    if None not in found.values():
        return found
    return {name: value for name, value in found.items() if value is not None}
