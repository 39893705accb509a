"""Rows of people: persons, teams, their roles, and attempts to sign in."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from identity.keys import EmailKeyField, SlugKeyField, normalize_email
from kernel.engine_columns import EngineColumns

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


def get_initials(name: str) -> str:
    """The initials of the first word and the last."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class PersonManager(BaseUserManager["Person"]):
    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        return normalize_email(email or "")

    def create_user(
        self, email: str, name: str, password: str | None = None, *, is_external: bool = False
    ) -> "Person":
        person = self.model(email=self.normalize_email(email), name=name, is_external=is_external)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, name: str, password: str | None = None) -> "Person":
        """A superuser who is a governance admin as well, for whom the portal's own pages open."""
        person = self.model(email=self.normalize_email(email), name=name, is_staff=True, is_superuser=True)
        person.set_password(password)
        person.save(using=self._db)
        person.platform_roles.create(role=PlatformRole.Role.GOVERNANCE_ADMIN)
        return person


class Person(EngineColumns, AbstractBaseUser, GovernorPermissions):
    """A human. Decisions are keyed to the person, never to a token or a delegate."""

    ENGINE_COLUMNS = INSERT_ONLY_COLUMNS = frozenset({"is_staff", "is_superuser"})

    email = EmailKeyField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(
        default=False, db_default=False, help_text="can open the administration pages"
    )
    is_external = models.BooleanField(
        default=False,
        db_default=False,
        help_text="from a partner organisation: sees only products that are open to people from outside",
    )
    session_version = models.PositiveIntegerField(
        default=0, editable=False, help_text="Sessions of an earlier version have ended."
    )

    language = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="code of the language of pages; empty: as the browser asks",
    )
    hidden_columns = models.JSONField(
        blank=True,
        default=dict,
        db_default={},
        editable=False,
        help_text="by list, the names of the columns that the person does not show",
    )

    objects: ClassVar[PersonManager] = PersonManager()
    uses_request_cache = False
    """True for the person of a read-only page: see `identity.people.request_cache`."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="identity_person_email_any_case"),
            models.CheckConstraint(condition=Q(email__regex="^[!-~]+$"), name="identity_person_email_ascii"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return get_initials(self.name)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends when this changes: with the password, and with `session_version`."""
        value = f"{self.password}:{self.session_version}"
        return salted_hmac("identity.Person.session", value, secret=secret, algorithm="sha256").hexdigest()


class Team(models.Model):
    slug = SlugKeyField(unique=True)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(Person, through="Membership", related_name="teams")
    cost_centre = models.CharField(
        max_length=40,
        blank=True,
        default="",
        db_default="",
        help_text="Bears the costs of the team's accounts that have no cost centre of their own.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="identity_team_slug_any_case")]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team. Data owners decide for the team's products; account admins for its accounts. Leads approve
    requests of their team, where a rule requires it.
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        DEVELOPER = "developer", _("data product developer")
        DATA_OWNER = "data_owner", _("data owner")
        ACCOUNT_ADMIN = "account_admin", _("account admin")
        LEAD = "lead", _("lead")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role, default=Role.MEMBER)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "team", "role"], name="identity_membership_once")
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()} of {self.team}"


class PlatformRole(models.Model):
    """A role across the whole mesh."""

    class Role(models.TextChoices):
        GOVERNANCE_ADMIN = "governance_admin", _("governance admin")
        STEWARD = "steward", _("steward")
        PRIVACY = "privacy", _("privacy officer")
        AUDITOR = "auditor", _("auditor")

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="platform_roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "role"], name="identity_role_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"


class SignInAttempt(models.Model):
    """An attempt to sign in that did not succeed, or not yet; see `identity.people.actions`. Kept for minutes."""

    email = models.CharField(
        max_length=254, help_text="As entered, in lower case; there may be no such person."
    )
    address = models.CharField(max_length=64, blank=True, help_text="Where the attempt came from, if known.")
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "sign-in attempt"
        verbose_name_plural = "sign-in attempts"
        indexes = [
            models.Index(fields=["email", "at"], name="identity_attempt_email"),
            models.Index(fields=["address", "at"], name="identity_attempt_address"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address or 'somewhere'}"
