"""What a role change can change."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RoleChangeKind(TextChoices):
    MEMBERSHIP = "membership", _("role in a team")
    PLATFORM_ROLE = "platform_role", _("role across the mesh")
    ADMINISTRATION = "administration", _("access to the administration pages")
    ACCOUNT = "account", _("roles and team of an account")
    DOMAIN = "domain", _("team that owns a domain")
    DATABASE = "database", _("domain of a database")
    PRODUCT = "product", _("domain of a data product")
    PASSWORD = "password", _("password set by someone else")
