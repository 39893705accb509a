"""Rows of service tokens."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.people.models import Person, Team


class TokenScope(models.TextChoices):
    """What a token may do. A token does nothing that its scopes do not name."""

    LINEAGE_WRITE = "lineage:write", _("send lineage events")
    QUALITY_WRITE = "quality:write", _("send quality results")
    DATA_READ = "data:read", _("run queries of the data API")
    DATA_CREDENTIALS = "data:credentials", _("get temporary credentials for tables")
    CHANGES_READ = "changes:read", _("read the change feed")


class ServiceToken(models.Model):
    """The API key of a team's service. The secret is shown once; only its SHA-256 digest is stored."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="service_tokens")
    name = models.CharField(max_length=120, help_text=_("the service that uses it"))
    scopes = ArrayField(models.CharField(max_length=20, choices=TokenScope))
    hint = models.CharField(max_length=12, help_text=_("first characters of the secret, to recognise it"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(
        null=True, blank=True, help_text=_("at most a minute before the last call")
    )
    revoked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    creator_left_at = models.DateTimeField(
        null=True, blank=True, help_text=_("when who created it was found to have left the team")
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
        """Whether nobody and nothing has ended it. `identity.service_tokens.may` decides whether it may be used."""
        return self.revoked_at is None and self.creator_left_at is None and self.expires_at > now
