"""People, their roles and attempts to sign in; accounts, catalogs and principals of AWS, and how accounts join."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit.engine_columns import EngineColumns
from identity.attempts import SignInAttempt  # noqa: F401 - Django looks for models here
from identity.permissions import GovernorPermissions
from identity.role_arns import role_of_the_account
from identity.role_changes import models as role_changes  # noqa: F401 - Django looks for models here


def initials_of(name: str) -> str:
    """Of the first word and the last."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, name: str, password: str | None = None) -> "Person":
        person = self.model(email=self.normalize_email(email), name=name)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, name: str, password: str | None = None) -> "Person":
        """A superuser who is a governance admin as well, for whom the portal's own pages open."""
        person = self.create_user(email, name, password)
        person.is_staff = person.is_superuser = True
        person.save(using=self._db)
        person.platform_roles.create(role=PlatformRole.Role.GOVERNANCE_ADMIN)
        return person


class Person(AbstractBaseUser, GovernorPermissions):
    """A human. Decisions are keyed to the person, never to a token or a delegate."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="may open the administration pages")

    objects: ClassVar[PersonManager] = PersonManager()
    asks_once = False
    """Of the person of a page that only reads: see `identity.asking`."""

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        return initials_of(self.name)


class Team(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    members = models.ManyToManyField(Person, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team. Data owners decide for the team's products; account admins for its accounts. Leads say
    yes to what their team asks for, where a rule wants that besides.
    """

    class Role(models.TextChoices):
        MEMBER = "member", "member"
        DEVELOPER = "developer", "data product developer"
        DATA_OWNER = "data_owner", "data owner"
        ACCOUNT_ADMIN = "account_admin", "account admin"
        LEAD = "lead", "lead"

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
        GOVERNANCE_ADMIN = "governance_admin", "governance admin"
        STEWARD = "steward", "steward"
        PRIVACY = "privacy", "privacy officer"
        AUDITOR = "auditor", "auditor"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="platform_roles")
    role = models.CharField(max_length=20, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "role"], name="identity_role_once")]

    def __str__(self) -> str:
        return f"{self.person}, {self.get_role_display()}"


def landing_key(catalog_id: int, database: str) -> str:
    """Of a database of a connected catalog, in `Account.table_links`."""
    return f"{catalog_id}/{database}"


class Account(EngineColumns):
    """An AWS account of the mesh. The roles governance, producer and consumer do not exclude each other."""

    KEPT_COLUMNS = frozenset({"observer_role_arn", "executor_role_arn", "external_id"})

    class Environment(models.TextChoices):
        PRODUCTION = "production", "production"
        SANDBOX = "sandbox", "sandbox"

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    partition = models.CharField(max_length=20, default="aws")
    region = models.CharField(max_length=30, help_text="where links are made")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    line_of_business = models.CharField(max_length=80, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True)
    environment = models.CharField(max_length=20, choices=Environment, default=Environment.PRODUCTION)
    is_governance = models.BooleanField(default=False)
    is_producer = models.BooleanField(default=False)
    is_consumer = models.BooleanField(default=False)
    in_organisation = models.BooleanField(default=True, help_text="sharing needs no invitation")
    observer_role_arn = models.CharField(max_length=300)
    executor_role_arn = models.CharField(max_length=300)
    external_id = models.CharField(max_length=120)
    table_links = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="whether granted tables land by links of their own: for all databases under an empty name, for one"
        " under <catalog row>/<database>; else by a link to their database",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account_id__regex=r"^\d{12}$"), name="identity_account_id_12_digits"
            ),
            role_of_the_account("observer_role_arn", name="identity_account_observer_its_own"),
            role_of_the_account("executor_role_arn", name="identity_account_executor_its_own"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    def lands_by_table(self, catalog_id: int, database: str) -> bool:
        """Whether tables of this database of a connected catalog land by links of their own: see `table_links`."""
        by_all = self.table_links.get("", False)
        return bool(self.table_links.get(landing_key(catalog_id, database), by_all))


class ConnectedCatalog(models.Model):
    """A Glue catalog that is mirrored: (partition, account, region, catalog path)."""

    class Kind(models.TextChoices):
        GOVERNANCE = "governance", "governance"
        LINE_OF_BUSINESS = "lob", "line of business"
        PRODUCER = "producer", "producer"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="catalogs")
    region = models.CharField(max_length=30)
    path = models.CharField(max_length=255, blank=True, help_text="empty for the account's own catalog")
    kind = models.CharField(max_length=20, choices=Kind)
    short_name = models.SlugField(unique=True, max_length=20)
    location_role_arn = models.CharField(
        max_length=300, blank=True, help_text="role with which data locations are registered"
    )
    holds_new_columns = models.BooleanField(
        default=False,
        help_text="columns that come to a table later are opened to its whole-table grants, made from now on, once"
        " they are classified or its owner lets them in",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "path"], name="identity_catalog_once")
        ]

    def __str__(self) -> str:
        return f"{self.account.name}, {self.region}"


class Principal(models.Model):
    """An IAM role or user that can receive permissions, bound to its unique id (RoleId, UserId).

    Mirrored from the accounts by `workers.sync`. A role made anew under the same name is another principal. One
    row stands for each account as a whole, whose ARN and unique id are the account's id: see `is_account`.

    `tags` are those of the role or user in IAM, {key: value}; None while nobody has read them. `services` may take the
    role on, by its trust policy: then `owner` is the person who answers for what it does, see `living_owner`.
    `is_portal` is kept by the database: it is a role of the portal itself, and reads data for nobody.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="principals")
    arn = models.CharField(max_length=600)
    name = models.CharField(max_length=128)
    unique_id = models.CharField(max_length=64, unique=True)
    first_seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)
    tags = models.JSONField(null=True, blank=True)
    tags_read_at = models.DateTimeField(null=True, blank=True)
    services = ArrayField(models.CharField(max_length=128), default=list, blank=True)
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_portal = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="a role of the portal itself, for no reader",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arn"], condition=models.Q(gone_at__isnull=True), name="identity_principal_one_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.account.name}"

    @property
    def is_account(self) -> bool:
        """Whether it is the account as a whole, whose admins pass on what it is given."""
        return self.arn == self.unique_id

    @property
    def living_owner(self) -> Person | None:
        """Who answers for it now: None once they are gone, or left the account's team. Two queries, none for a role
        that no service takes on.
        """
        if not self.services or self.owner is None or not self.owner.is_active:
            return None
        belongs = self.owner.memberships.filter(team=self.account.team_id).exists()
        return self.owner if belongs else None

    @property
    def is_user(self) -> bool:
        """Whether it is an IAM user, who signs in with keys of its own."""
        return ":user/" in self.arn


class LocalGroup(models.Model):
    """Readers inside an account, to whom its admins pass on what the account was given as a whole."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="local_groups")
    name = models.CharField(max_length=80)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "name"], condition=models.Q(ended_at=None), name="identity_group_one_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.account.name}"

    @property
    def members_now(self) -> "list[LocalMember]":
        """By ARN. One query."""
        return list(self.members.filter(removed_at=None).order_by("arn"))


class LocalMember(models.Model):
    """An IAM role of the group's account, or a user or group of a directory that the account trusts.

    `unique_id` is AWS's id of a role; of a directory's it is the ARN again, as Lake Formation knows no other.
    """

    group = models.ForeignKey(LocalGroup, on_delete=models.PROTECT, related_name="members")
    arn = models.CharField(max_length=600)
    unique_id = models.CharField(max_length=600)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "arn"],
                condition=models.Q(removed_at=None),
                name="identity_member_one_live",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.arn.rsplit("/", 1)[-1]


class Connection(models.Model):
    """An account on its way into the mesh: registered as an Account when a check-up finds nothing missing."""

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    region = models.CharField(max_length=30)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="connections")
    environment = models.CharField(
        max_length=20, choices=Account.Environment, default=Account.Environment.PRODUCTION
    )
    grants = models.BooleanField(help_text="owns a catalog that others read from")
    in_organisation = models.BooleanField(default=True)
    external_id = models.CharField(max_length=120)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="connections")
    asked_at = models.DateTimeField()
    registered = models.OneToOneField(Account, null=True, blank=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account_id__regex=r"^\d{12}$"), name="identity_connection_id_12_digits"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    def as_account(self) -> Account:
        """The account that it will be; not saved. Role names are those of the templates in `deploy/aws`."""
        prefix = f"arn:aws:iam::{self.account_id}:role"
        return Account(
            account_id=self.account_id,
            name=self.name,
            region=self.region,
            team=self.team,
            environment=self.environment,
            is_producer=self.grants,
            is_consumer=True,
            in_organisation=self.in_organisation,
            observer_role_arn=f"{prefix}/meshmarket-observer",
            executor_role_arn=f"{prefix}/meshmarket-executor",
            external_id=self.external_id,
        )


class Checkup(EngineColumns):
    """One look at an account's set-up, asked for as a row and made by a worker; see `workers.checkup`."""

    ENGINE_COLUMNS = frozenset({"finished_at", "findings"})

    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    connection = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.PROTECT, related_name="checkups"
    )
    requested_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT)
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    findings = models.JSONField(
        default=list, db_default=[], help_text="[{kind, code, text, remedy}], see lakeformation.checkup.rules"
    )

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=models.Q(finished_at=None), name="identity_checkup_waiting")
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account=None, connection__isnull=False)
                | models.Q(account__isnull=False, connection=None),
                name="identity_checkup_of_one",
            )
        ]

    def __str__(self) -> str:
        return f"check-up of {self.account or self.connection}"
