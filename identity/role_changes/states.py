"""The life cycle of a role change, and what it can change."""

from collections.abc import Mapping

from django.db.models import TextChoices


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


ROLE_CHANGE_MOVES: Mapping[RoleChangeState, frozenset[RoleChangeState]] = {
    RoleChangeState.WAITING: frozenset(
        {
            RoleChangeState.CONFIRMED,
            RoleChangeState.REJECTED,
            RoleChangeState.WITHDRAWN,
            RoleChangeState.EXPIRED,
        }
    ),
    RoleChangeState.CONFIRMED: frozenset(),
    RoleChangeState.REJECTED: frozenset(),
    RoleChangeState.WITHDRAWN: frozenset(),
    RoleChangeState.EXPIRED: frozenset(),
}
