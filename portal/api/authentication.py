"""Who calls the API: the person of the session."""

from drf_spectacular.authentication import SessionScheme
from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Names its scheme, so that a call of nobody is answered 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the framework passes it
        return "Session"


class DocumentedSession(SessionScheme):  # type: ignore[misc]
    """The same for OpenAPI."""

    target_class = SessionAuthentication
