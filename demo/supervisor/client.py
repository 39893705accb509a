"""What the demo's pages ask the supervisor for. They hold no credentials: the supervisor acts, and answers."""

from typing import Any

from django.conf import settings

from demo.supervisor import control_socket

PATIENCE = 45.0


class SupervisorError(Exception):
    """The supervisor is not there, or says that it cannot; the text is for the person."""


def ask(operation: str, **arguments: Any) -> dict[str, Any]:
    """The supervisor's answer to `operation`, or SupervisorError."""
    try:
        answer = control_socket.ask(settings.SUPERVISOR_SOCKET, {"do": operation, **arguments}, PATIENCE)
    except (OSError, ValueError) as error:
        raise SupervisorError(
            "The demo's supervisor does not answer. Is `manage.py demo` running?"
        ) from error
    if not answer.get("ok"):
        raise SupervisorError(str(answer.get("error") or "The supervisor refused."))
    return answer
