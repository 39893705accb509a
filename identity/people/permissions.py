"""What a person may open in the administration pages."""

from typing import Any

from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.functional import cached_property

GOVERNANCE_ADMIN = "governance_admin"


class GovernorPermissions(PermissionsMixin):
    """Governance admins have every permission of the administration pages; what gives power is proposed there."""

    is_superuser = models.BooleanField(
        "superuser status",
        default=False,
        db_default=False,
        help_text="Designates that this user has all permissions without explicitly assigning them.",
    )

    is_active: Any
    is_staff: Any
    platform_roles: Any

    class Meta:
        abstract = True

    @cached_property
    def is_governance_admin(self) -> bool:
        """Whether the person is a governance admin; read once for each page."""
        return bool(self.platform_roles.filter(role=GOVERNANCE_ADMIN).exists())

    @property
    def may_open_administration(self) -> bool:
        return bool(self.is_active and (self.is_staff or self.is_governance_admin))

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return bool(self.is_active and self.is_governance_admin) or super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active and self.is_governance_admin) or super().has_module_perms(app_label)
