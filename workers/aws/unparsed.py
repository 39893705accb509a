"""Answers of Glue as the JSON that they are: botocore's parser is nine tenths of the time that a listing takes."""

import json
from typing import Any

LARGEST_SUCCESS = 299


def answer_as_json(client: Any, *operations: str) -> None:
    """From here on these operations of the client answer with plain JSON: times are seconds since 1970.

    Errors are parsed as ever. A client that was prepared before stays as it is.
    """
    for operation in operations:
        client.meta.events.register(
            f"before-parse.glue.{operation}", _take_over, unique_id=f"meshmarket-json-{operation}"
        )


def _take_over(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    if response_dict["status_code"] > LARGEST_SUCCESS:
        return
    try:
        answer = json.loads(response_dict["body"])
    except ValueError:
        # botocore then meets the same body, and says what is wrong with it.
        return
    customized_response_dict.update(answer)
    response_dict["body"] = b"{}"
