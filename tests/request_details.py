"""The arguments of a submission, with what the request says besides its items as one value."""

from collections.abc import Mapping
from typing import Any

from requests_app.access_requests.details import RequestDetails
from requests_app.policy_engine.request_texts import TEXT_NAMES, parse_texts


def pack_details(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """`team`, `principal`, `group`, `ends_at` and the texts become `details`."""
    said = dict(arguments)
    texts = parse_texts({name: said.pop(name) for name in TEXT_NAMES if name in said})
    details = RequestDetails(
        said.pop("team"), said.pop("principal"), said.pop("ends_at"), texts, said.pop("group", None)
    )
    return {**said, "details": details}
