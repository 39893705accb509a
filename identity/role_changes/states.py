"""The life cycle of a role change, and what it can change."""

from django.db.models import TextChoices

from identity.state_transitions import Transitions


class RoleChangeState(TextChoices):
    WAITING = "waiting", "waiting for a second governor"
    CONFIRMED = "confirmed", "in effect"
    REJECTED = "rejected", "rejected"
    WITHDRAWN = "withdrawn", "withdrawn"
    EXPIRED = "expired", "expired"


class RoleChangeKind(TextChoices):
    MEMBERSHIP = "membership", "role in a team"
    PLATFORM_ROLE = "platform_role", "role across the mesh"
    ADMINISTRATION = "administration", "access to the administration pages"
    ACCOUNT = "account", "roles and team of an account"
    DOMAIN = "domain", "team that owns a domain"
    DATABASE = "database", "domain of a database"
    PRODUCT = "product", "domain of a data product"
    PASSWORD = "password", "password set by someone else"


ROLE_CHANGE_TRANSITIONS = Transitions(
    RoleChangeState,
    {
        RoleChangeState.WAITING: {
            RoleChangeState.CONFIRMED,
            RoleChangeState.REJECTED,
            RoleChangeState.WITHDRAWN,
            RoleChangeState.EXPIRED,
        },
    },
)
