"""Make, revoke and use service tokens."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from audit.actions import record_event
from identity.people.events import record_by_person
from identity.people.models import Membership, Person, Team
from identity.service_tokens.may import (
    MANAGING_ROLES,
    may_create_service_token,
    may_revoke_service_token,
    may_use_service_token,
    visible_service_tokens,
)
from identity.service_tokens.models import ServiceToken, TokenScope
from identity.service_tokens.queries import list_left_service_tokens
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError, require_allowed

PREFIX = "mmk_"
_FORMAT = re.compile(r"mmk_[A-Za-z0-9_-]{43}")
_HINT_LENGTH = 10
MAX_DAYS = 366
MAX_NAME_LENGTH = 120
MAX_TOKENS = 100
"""Active tokens of one team."""
USE_RESOLUTION = timedelta(minutes=1)


class NewToken(NamedTuple):
    """`secret` is nowhere else."""

    token: ServiceToken
    secret: str


@transaction.atomic(durable=True)
def create_service_token(
    *,
    acting_user: Person,
    team_id: int,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    now: datetime,
) -> NewToken:
    """NotFoundError for an unknown team, ForbiddenError, RefusedError."""
    team = Team.objects.select_for_update(of=("self",), no_key=True).filter(pk=team_id).first()
    if team is None:
        raise NotFoundError
    require_allowed(may_create_service_token(acting_user, team))
    secret = PREFIX + secrets.token_urlsafe(32)
    found = name.strip()
    if not 0 < len(found) <= MAX_NAME_LENGTH:
        raise RefusedError(_("Name the service, with at most 120 characters."), "name")
    if not scopes or set(scopes) - set(TokenScope.values):
        raise RefusedError(_("Choose what the token may do."), "scopes")
    if not now < expires_at <= now + timedelta(days=MAX_DAYS):
        raise RefusedError(_("Choose an end in the future, at most one year from now."), "expires_at")
    token = ServiceToken.objects.create(
        team=team,
        name=found,
        scopes=[scope for scope in TokenScope.values if scope in scopes],
        hint=secret[:_HINT_LENGTH],
        digest=_compute_secret_digest(secret),
        created_by=acting_user,
        created_at=now,
        expires_at=expires_at,
    )
    if ServiceToken.objects.filter(team=team, revoked_at=None, expires_at__gt=now).count() > MAX_TOKENS:
        raise RefusedError(_("The team has 100 active tokens. Revoke one that is no longer used."))
    data = {"team": team.pk, "scopes": token.scopes, "expires_at": token.expires_at.isoformat()}
    record_by_person("create_service_token", acting_user, token.subject, data, now)
    return NewToken(token, secret)


@transaction.atomic(durable=True)
def revoke_service_token(*, acting_user: Person, token_id: int, now: datetime) -> ServiceToken:
    """At once. NotFoundError, ForbiddenError, IllegalTransitionError when it is revoked already."""
    rows = visible_service_tokens(acting_user).select_related("team")
    token = rows.select_for_update(of=("self",)).filter(pk=token_id).first()
    if token is None:
        raise NotFoundError
    require_allowed(may_revoke_service_token(acting_user, token))
    if token.revoked_at:
        raise IllegalTransitionError("revoked", "revoked")
    token.revoked_at, token.revoked_by = now, acting_user
    token.save(update_fields=["revoked_at", "revoked_by"])
    record_by_person("revoke_service_token", acting_user, token.subject, {"team": token.team_id}, now)
    return token


@transaction.atomic(durable=True)
def end_left_service_token(*, token_id: int, now: datetime) -> bool:
    """The workers' verb: end the token of a creator who left the team, and tell those who can create a new one. False if
    somebody did it meanwhile.
    """
    ServiceToken.objects.select_for_update(no_key=True).get(pk=token_id)
    token = list_left_service_tokens().select_related("team", "created_by").filter(pk=token_id).first()
    if token is None:
        return False
    token.creator_left_at = now
    token.save(update_fields=["creator_left_at"])
    managers = Membership.objects.filter(team=token.team, role__in=MANAGING_ROLES, person__is_active=True)
    data = {
        "team": token.team.name,
        "what": token.name,
        "reason": token.created_by.name,
        "people": sorted(set(managers.values_list("person", flat=True))),
    }
    record_event(
        verb="end_left_service_token", actor="engine:leavers", subject=token.subject, data=data, now=now
    )
    return True


def use_service_token(*, secret: str, now: datetime) -> ServiceToken | None:
    """The token with this secret, marked as used; None if it may not be used."""
    if _FORMAT.fullmatch(secret) is None:
        return None
    rows = ServiceToken.objects.select_related("team", "created_by")
    token = rows.filter(digest=_compute_secret_digest(secret)).first()
    if token is None or not may_use_service_token(token, now):
        return None
    if token.last_used_at is None or now - token.last_used_at >= USE_RESOLUTION:
        unmarked = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_RESOLUTION)
        ServiceToken.objects.filter(unmarked, pk=token.pk).update(last_used_at=now)
    return token


def _compute_secret_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
