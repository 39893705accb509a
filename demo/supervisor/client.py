"""Client of the supervisor for the demo's pages, which hold no credentials."""

from typing import Any

from django.conf import settings

from demo.supervisor import control_socket

TIMEOUT_SECONDS = 45.0


class SupervisorError(Exception):
    """The supervisor is not there, or says that it cannot; the text is for the person."""


def call_supervisor(operation: str, **arguments: Any) -> dict[str, Any]:
    """The supervisor's answer to `operation`, or SupervisorError."""
    try:
        answer = control_socket.send_request(
            settings.SUPERVISOR_SOCKET, {"do": operation, **arguments}, TIMEOUT_SECONDS
        )
    except (OSError, ValueError) as error:
        raise SupervisorError(
            "The demo's supervisor does not answer. Is `manage.py demo` running?"
        ) from error
    if not answer.get("ok"):
        raise SupervisorError(str(answer.get("error") or "The supervisor refused."))
    return answer
