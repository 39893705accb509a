"""Who calls the API: the person of the session, or a team's service with its token."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from identity.service_tokens import ServiceToken, use_service_token
from portal.pages.request_time import get_request_time


class SessionAuthentication(authentication.SessionAuthentication):
    """Names its scheme, so that a call of nobody is answered 401 and not 403."""

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the framework passes it
        return "Session"


class DocumentedSession(SessionScheme):  # type: ignore[misc]
    """The same for OpenAPI."""

    target_class = SessionAuthentication


@dataclass(frozen=True)
class Service:
    """Who calls with a service token: no person, so no page and no decision opens for it."""

    token: ServiceToken
    pk: None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False


class ServiceTokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer <secret>`. Only views that name this class take tokens; `token_scope` is what they need."""

    def authenticate(self, request: Request) -> tuple[Service, ServiceToken] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = use_service_token(secret=secret.strip(), now=get_request_time(request))
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return Service(token), token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - the framework passes it
        return "Bearer"


class HasTokenScope(permissions.BasePermission):
    """The token has the scope that the view's `token_scope` names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, ServiceToken):
            return False
        self.message = _("This token lacks the scope %(scope)s.") % {"scope": view.token_scope}
        return view.token_scope in request.auth.scopes


class IsPersonOrHasTokenScope(HasTokenScope):
    """A signed-in person, or a token with the scope that the view's `token_scope` names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if isinstance(request.auth, ServiceToken):
            return super().has_permission(request, view)
        return bool(request.user and request.user.is_authenticated)


class DocumentedToken(OpenApiAuthenticationExtension):  # type: ignore[misc]
    """The same for OpenAPI."""

    target_class = ServiceTokenAuthentication
    name = "serviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002 - the framework passes it
        return {"type": "http", "scheme": "bearer", "description": "The secret of a service token."}
