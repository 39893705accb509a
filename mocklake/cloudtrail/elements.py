"""Request parameters and answers as CloudTrail writes them: member names with a small first letter, no secrets.

Source: CloudTrail user guide, "CloudTrail record contents". Where AWS writes a session token, mocklake does not.
"""

import json
from datetime import datetime
from typing import Any

from mocklake import protocols

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
LARGEST = 100 * 1024
"""Bytes of one element; a larger one is left out and says so."""
_SECRETS = frozenset(
    {"SecretAccessKey", "SessionToken", "Plaintext", "PrivateKeyPlaintext", "CiphertextForRecipient"}
)


def of_request(service: str, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    return _within_limit(_written(_shape(service, operation, "input_shape"), parameters) or None)


def of_answer(service: str, operation: str, answer: dict[str, Any] | None) -> dict[str, Any] | None:
    return _within_limit(_written(_shape(service, operation, "output_shape"), answer or {}) or None)


def _shape(service: str, operation: str, side: str) -> Any:
    """None where mocklake does not read the service by its model."""
    if service == "s3" or service not in protocols.PROTOCOL:
        return None
    known = protocols.model(service)
    return getattr(known.operation_model(operation), side) if operation in known.operation_names else None


def _written(shape: Any, value: Any) -> Any:
    if shape is not None and shape.metadata.get("sensitive"):
        return HIDDEN
    if isinstance(value, dict):
        if shape is not None and shape.type_name == "map":
            return {name: _written(shape.value, one) for name, one in value.items()}
        members = shape.members if shape is not None and shape.type_name == "structure" else {}
        return {
            _small(name): HIDDEN if name in _SECRETS else _written(members.get(name), one)
            for name, one in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        member = shape.member if shape is not None and shape.type_name == "list" else None
        return [_written(member, one) for one in value]
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y %-I:%M:%S %p")
    return None if isinstance(value, bytes) else value


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _within_limit(element: dict[str, Any] | None) -> dict[str, Any] | None:
    if element is None:
        return None
    size = len(json.dumps(element, default=str))
    if size <= LARGEST:
        return element
    return {"omitted": True, "originalSize": size, "reason": f"larger than {LARGEST} bytes"}
