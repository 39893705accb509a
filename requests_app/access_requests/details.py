"""What a request says besides its items: for whom, why, until when. One value from the form to the row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from identity.accounts import LocalGroup, Principal
from identity.people.models import Person, Team
from requests_app.access_requests.models import AccessRequest
from requests_app.policy_engine.request_texts import get_texts, parse_texts


@dataclass(frozen=True)
class RequestDetails:
    """`texts` are by name, see `request_texts`. With a `group` of its account the principal is that account as a whole,
    see `requests_app.grants.subgrants`.
    """

    team: Team
    principal: Principal
    ends_at: datetime
    texts: Mapping[str, str]
    group: LocalGroup | None = None

    def build_request(self, requester: Person, now: datetime, idempotency_key: str = "") -> AccessRequest:
        """Not saved."""
        return AccessRequest(
            requester=requester, submitted_at=now, idempotency_key=idempotency_key, **self._get_columns()
        )

    def is_of(self, request: AccessRequest) -> bool:
        """Whether the request says the same. Its end is not compared: hours are counted from the submission."""
        mine = self._get_columns()
        kept = {name: getattr(request, name) for name in ("team", "principal", "group")} | get_texts(request)
        return all(mine[name] == value for name, value in kept.items())

    def _get_columns(self) -> dict[str, Any]:
        return {
            "team": self.team,
            "principal": self.principal,
            "group": self.group,
            "ends_at": self.ends_at,
            **parse_texts(self.texts),
        }
