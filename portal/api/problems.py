"""Problem details (RFC 9457): the one shape of every error of the API."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from background.log_context import get_request_id

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"
HELP_PATH = "/api/docs/problems/"
TITLES = {
    "invalid_request": _("The call is not well formed"),
    "parse_error": _("The body is not JSON"),
    "bad_request": _("The call could not be read"),
    "not_authenticated": _("You are not signed in"),
    "forbidden": _("You may not do this"),
    "not_found": _("There is nothing here"),
    "method_not_allowed": _("This address does not take this method"),
    "not_acceptable": _("This address does not answer in that format"),
    "illegal_state": _("Its state does not allow this"),
    "effects_changed": _("The effects have changed"),
    "policy_changed": _("The policies have changed"),
    "terms_changed": _("The request has changed"),
    "members_changed": _("The target has changed"),
    "version_changed": _("It was changed since you read it"),
    "rows_unavailable": _("There are no rows to read"),
    "call_in_progress": _("The first call with this key is still running"),
    "precondition_failed": _("It was changed since you read it"),
    "too_large": _("The body is too large"),
    "unsupported_media_type": _("This address takes JSON"),
    "refused": _("This cannot be done as it is"),
    "missing_information": _("Policies require more information"),
    "idempotency_key_reused": _("This key belongs to another call"),
    "precondition_required": _("Send If-Match"),
    "throttled": _("Too many requests"),
    "server_error": _("Something broke"),
    "unavailable": _("Back in a moment"),
}


@dataclass(frozen=True)
class Problem:
    """`errors` name each invalid input; `more` are members of this kind of problem."""

    status: int
    code: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self, request: HttpRequest) -> dict[str, Any]:
        """With the request's id, which is in the log as well."""
        request_id, path = get_request_id(), request.path
        logger.info(
            "problem %s: %s %r answered %s %s", request_id, request.method, path, self.status, self.code
        )
        return {
            "type": f"{HELP_PATH}#{self.code}",
            "title": str(TITLES.get(self.code, self.code)),
            "status": self.status,
            "detail": self.detail,
            "instance": path,
            "code": self.code,
            "request_id": request_id,
            "errors": list(self.errors),
            **self.more,
        }


class ChangedError(Exception):
    """What the caller looked at is no longer so: `member` is what they sent, `more` is what it is now."""

    def __init__(self, code: str, detail: str, member: str, **more: Any) -> None:
        super().__init__(detail)
        self.code, self.detail, self.member, self.more = code, detail, member, more


class PreconditionError(Exception):
    """`If-Match` is missing, or names another version."""

    def __init__(self, *, is_missing: bool) -> None:
        super().__init__()
        self.is_missing = is_missing


def pointer_to(path: str) -> str:
    """A JSON pointer into the body, from a dotted path."""
    steps = (step.replace("~", "~0").replace("/", "~1") for step in path.split("."))
    return f"#/{'/'.join(steps)}" if path else "#"
