"""Who asks for data: a person, or the service of a team by its token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from audit.actions import record_event
from identity.accounts import Principal
from identity.people.models import Person
from identity.service_tokens import ServiceToken, may_use_service_token
from requests_app.data_queries.models import DataQuery
from requests_app.targets.recipients import list_requestable_principals


@dataclass(frozen=True)
class Caller:
    """Either a person or a token."""

    person: Person | None = None
    token: ServiceToken | None = None

    @property
    def actor(self) -> str:
        """Who it is in events."""
        return f"person:{self.person.pk}" if self.person else self._token.subject

    @property
    def responsible_person(self) -> Person:
        """Who made the token, of a token."""
        return self.person or self._token.created_by

    @property
    def fields(self) -> dict[str, Any]:
        """As a row names its caller."""
        return {"requested_by": self.person, "token": self.token}

    @property
    def own_queries(self) -> QuerySet[DataQuery]:
        return DataQuery.objects.filter(Q(requested_by=self.person) if self.person else Q(token=self.token))

    @property
    def _token(self) -> ServiceToken:
        assert self.token is not None
        return self.token

    def list_principals(self) -> QuerySet[Principal]:
        """Roles and users of the consuming accounts of the person's teams, or of the token's team."""
        if self.person:
            return list_requestable_principals(self.person)
        return Principal.objects.filter(
            gone_at=None, is_portal=False, account__is_consumer=True, account__team=self._token.team_id
        ).exclude(arn=F("unique_id"))

    def is_active(self, now: datetime) -> bool:
        return self.person.is_active if self.person else may_use_service_token(self._token, now)


def record_by_caller(verb: str, caller: Caller, subject: str, data: dict[str, Any], now: datetime) -> None:
    record_event(verb=verb, actor=caller.actor, subject=subject, data=data, now=now)


def get_caller(query: DataQuery) -> Caller:
    """Who asked for it."""
    return Caller(query.requested_by, query.token)
