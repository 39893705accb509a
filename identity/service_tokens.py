"""Tokens with which a team's services call the API."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from identity.people.events import record_by_person
from identity.people.may import can_read_everything, get_team_ids, get_team_ids_with_role
from identity.people.models import Membership, Person, Team
from identity.role_changes.may import is_governor
from kernel.clock import Now
from kernel.errors import IllegalTransitionError, NotFoundError, RefusedError, require_allowed
from kernel.verdicts import ALLOWED, Verdict, refusal


class TokenScope(models.TextChoices):
    """What a token may do. A token does nothing that its scopes do not name."""

    LINEAGE_WRITE = "lineage:write", gettext_lazy("send lineage events")
    QUALITY_WRITE = "quality:write", gettext_lazy("send quality results")
    DATA_READ = "data:read", gettext_lazy("run queries of the data API")
    DATA_CREDENTIALS = "data:credentials", gettext_lazy("get temporary credentials for tables")
    CHANGES_READ = "changes:read", gettext_lazy("read the change feed")


class ServiceToken(models.Model):
    """The API key of a team's service. The secret is shown once; only its SHA-256 digest is stored."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="service_tokens")
    name = models.CharField(max_length=120, help_text=gettext_lazy("the service that uses it"))
    scopes = ArrayField(models.CharField(max_length=20, choices=TokenScope))
    hint = models.CharField(
        max_length=12, help_text=gettext_lazy("first characters of the secret, to recognise it")
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("at most a minute before the last call")
    )
    revoked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    creator_left_at = models.DateTimeField(
        null=True, blank=True, help_text=gettext_lazy("when who created it was found to have left the team")
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(scopes__len__gt=0), name="service_token_has_scopes"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="service_token_ends_after_its_start"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="service_token_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """Its name in events."""
        return f"service_token:{self.pk}"

    @property
    def scope_labels(self) -> list[str]:
        return [str(TokenScope(scope).label) for scope in self.scopes]

    def is_active(self, now: datetime) -> bool:
        """Whether nobody and nothing has ended it. `identity.service_tokens` decides whether it may be used."""
        return self.revoked_at is None and self.creator_left_at is None and self.expires_at > now


MANAGING_ROLES = (Membership.Role.DATA_OWNER, Membership.Role.ACCOUNT_ADMIN)


def token_teams(person: Person) -> QuerySet[Team]:
    """Teams for which the person may make tokens, by name."""
    return Team.objects.filter(pk__in=get_team_ids_with_role(person, *MANAGING_ROLES)).order_by("name", "pk")


def may_create_service_token(person: Person, team: Team) -> Verdict:
    """Data owners and account admins of the team."""
    if person.is_active and team.pk in get_team_ids_with_role(person, *MANAGING_ROLES):
        return ALLOWED
    words = {"team": team.name}
    return refusal(_("Only data owners and account admins of %(team)s can create its tokens.") % words)


def may_revoke_service_token(person: Person, token: ServiceToken) -> Verdict:
    """Whoever may make one for the team, and governors."""
    if may_create_service_token(person, token.team) or is_governor(person):
        return ALLOWED
    words = {"team": token.team.name}
    return refusal(
        _("Only data owners and account admins of %(team)s, and governance admins, can revoke this token.")
        % words
    )


def may_use_service_token(token: ServiceToken, now: datetime) -> bool:
    """A token ends when who created it leaves the team or is deactivated."""
    creator = token.created_by
    return token.is_active(now) and creator.is_active and token.team_id in get_team_ids(creator)


def visible_service_tokens(person: Person) -> QuerySet[ServiceToken]:
    """Tokens of the person's teams; all for governance admins and auditors."""
    if can_read_everything(person):
        return ServiceToken.objects.all()
    return ServiceToken.objects.filter(team__in=get_team_ids(person))


def sees_tokens(person: Person) -> bool:
    """Whether the page of tokens concerns the person."""
    return can_read_everything(person) or bool(get_team_ids_with_role(person, *MANAGING_ROLES))


def list_service_tokens(person: Person) -> QuerySet[ServiceToken]:
    """Tokens in use first, then the newest first."""
    rows = visible_service_tokens(person).select_related("team", "created_by", "revoked_by")
    rows = rows.prefetch_related("created_by__memberships")
    return rows.order_by(F("revoked_at").asc(nulls_first=True), "-pk")


def list_left_service_tokens() -> QuerySet[ServiceToken]:
    """Tokens in use whose creator has left the team, and whose team has not been told."""
    member = Membership.objects.filter(team=OuterRef("team"), person=OuterRef("created_by"))
    running = ServiceToken.objects.filter(revoked_at=None, creator_left_at=None, expires_at__gt=Now())
    return running.filter(Q(created_by__is_active=False) | ~Exists(member))


def get_service_token(person: Person, pk: int) -> ServiceToken:
    """NotFoundError for whoever may not see it."""
    token = list_service_tokens(person).filter(pk=pk).first()
    if token is None:
        raise NotFoundError
    return token


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
