"""AWS accounts of the mesh, connected catalogs, principals and local groups."""

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import CheckConstraint, F, Q, Value
from django.db.models.functions import Concat, Lower
from django.utils.translation import gettext_lazy as _

from audit.models import Event
from identity.keys import SlugKeyField
from identity.people.models import Person, Team
from kernel.engine_columns import EngineColumns
from lakeformation.values.arn import MalformedArnError, PrincipalArn

ROLE_PATH_AND_NAME = "([A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]{1,128}"
NOT_ACCOUNT_ROLE = _(
    "This is not a role of the account. Enter an ARN such as arn:aws:iam::<its twelve digits>:role/<name>."
)


def build_account_role_constraint(field: str, *, name: str) -> CheckConstraint:
    """A check that the field of `Account` holds the ARN of a role of the same account and partition."""
    pattern = Concat(
        Value("^arn:"),
        F("partition"),
        Value(":iam::"),
        F("account_id"),
        Value(f":role/{ROLE_PATH_AND_NAME}$"),
    )
    return CheckConstraint(
        condition=Q(**{f"{field}__regex": pattern}), name=name, violation_error_message=NOT_ACCOUNT_ROLE
    )


def named_arn(arn: str) -> Q:
    """The principals of this ARN. AWS keeps the case of a role's name, and makes no second role that differs only in case."""
    return Q(arn__iexact=arn.strip()) if arn.isascii() else Q(pk__in=[])


def is_role_of_account(arn: str, *, account_id: str, partition: str) -> bool:
    """Whether it is the ARN of an IAM role of this account."""
    try:
        found = PrincipalArn.parse(arn)
    except MalformedArnError:
        return False
    return (found.kind, found.account, found.partition) == ("role", account_id, partition)


def link_naming_key(catalog_id: int, database: str) -> str:
    """Key of a database of a connected catalog in `Account.table_links`."""
    return f"{catalog_id}/{database}"


class Account(EngineColumns):
    """An AWS account of the mesh. The roles governance, producer and consumer do not exclude each other."""

    INSERT_ONLY_COLUMNS = frozenset({"observer_role_arn", "executor_role_arn", "external_id"})

    class Environment(models.TextChoices):
        PRODUCTION = "production", _("production")
        SANDBOX = "sandbox", _("sandbox")

    account_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    partition = models.CharField(max_length=20, default="aws")
    region = models.CharField(max_length=30, help_text="Region for resource links.")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="accounts")
    line_of_business = models.CharField(max_length=80, blank=True)
    cost_centre = models.CharField(max_length=40, blank=True)
    environment = models.CharField(max_length=20, choices=Environment, default=Environment.PRODUCTION)
    is_governance = models.BooleanField(default=False)
    is_producer = models.BooleanField(default=False)
    is_consumer = models.BooleanField(default=False)
    in_organisation = models.BooleanField(default=True, help_text="Sharing needs no invitation.")
    gold_location = models.CharField(
        max_length=1024,
        blank=True,
        default="",
        db_default="",
        help_text="S3 URI below which a producer account registers tables without an exception.",
    )
    observer_role_arn = models.CharField(max_length=300)
    executor_role_arn = models.CharField(max_length=300)
    external_id = models.CharField(max_length=120)
    table_links = models.JSONField(
        default=dict,
        blank=True,
        editable=False,
        help_text="Whether granted tables get their own links: for all databases under an empty name, for one under"
        " <catalog row>/<database>; otherwise the database gets one link.",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account_id__regex="^[0-9]{12}$"), name="identity_account_id_12_digits"
            ),
            build_account_role_constraint("observer_role_arn", name="identity_account_observer_its_own"),
            build_account_role_constraint("executor_role_arn", name="identity_account_executor_its_own"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.account_id})"

    def uses_table_links(self, catalog_id: int, database: str) -> bool:
        """Whether each granted table of this database has a link of its own; see `table_links`."""
        by_all = self.table_links.get("", False)
        return bool(self.table_links.get(link_naming_key(catalog_id, database), by_all))


class ConnectedCatalog(models.Model):
    """A Glue catalog that is mirrored: (partition, account, region, catalog path)."""

    class Kind(models.TextChoices):
        GOVERNANCE = "governance", _("governance")
        LINE_OF_BUSINESS = "lob", _("line of business")
        PRODUCER = "producer", _("producer")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="catalogs")
    region = models.CharField(max_length=30)
    path = models.CharField(
        max_length=255, blank=True, help_text="Leave empty for the account's own catalog."
    )
    kind = models.CharField(max_length=20, choices=Kind)
    short_name = SlugKeyField(unique=True, max_length=20)
    location_role_arn = models.CharField(
        max_length=300, blank=True, help_text="Role that registers data locations."
    )
    holds_new_columns = models.BooleanField(
        default=False,
        help_text="Columns that are added later open to new whole-table grants when they are classified or when a data"
        " owner releases them.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "region", "path"], name="identity_catalog_once"),
            models.UniqueConstraint(Lower("short_name"), name="identity_catalog_short_name_any_case"),
        ]

    def __str__(self) -> str:
        return f"{self.account.name}, {self.region}"


class Principal(models.Model):
    """An IAM role or user that can receive permissions, bound to its unique id (RoleId, UserId).

    Mirrored from the accounts by `workers.sync.runs`. A role recreated under the same name is another principal. One
    row stands for each account as a whole; its ARN and unique id are the account's id: see `is_account`.

    `tags` are those of the role or user in IAM, {key: value}; None while nobody has read them. `services` may take the
    role on, by its trust policy: then `owner` is the person who answers for what it does, see `active_responsible_person`.
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
        help_text="One of the portal's own roles; never a recipient.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["arn"], condition=models.Q(gone_at__isnull=True), name="identity_principal_one_live"
            ),
            models.UniqueConstraint(
                Lower("arn"),
                condition=models.Q(gone_at__isnull=True),
                name="identity_principal_live_any_case",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} in {self.account.name}"

    @property
    def is_account(self) -> bool:
        """Whether it stands for the account as a whole, whose admins pass on its grants."""
        return self.arn == self.unique_id

    @property
    def active_responsible_person(self) -> Person | None:
        """The responsible person, or None if they were deactivated or left the account's team. Two queries, none for a role
        that no service assumes.
        """
        if not self.services or self.owner is None or not self.owner.is_active:
            return None
        teams = {membership.team_id for membership in self.owner.memberships.all()}
        return self.owner if self.account.team_id in teams else None

    @property
    def is_user(self) -> bool:
        """Whether it is an IAM user, who signs in with keys of its own."""
        return ":user/" in self.arn


class LocalGroup(models.Model):
    """Readers inside an account, to whom its admins pass on account grants."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="local_groups")
    name = models.CharField(max_length=80)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
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
    def current_members(self) -> "list[LocalMember]":
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


SET_ROLES_SQL = "SELECT identity_set_account_roles(%s, %s, %s, %s, %s)"


def set_account_roles(account: Account, event: Event) -> None:
    """Save the roles and the ExternalId of `account`. `event` was written in the same transaction, with
    `account:<row>` as its subject. IntegrityError otherwise, or for roles of another account.
    """
    roles = (account.observer_role_arn, account.executor_role_arn, account.external_id)
    with connection.cursor() as cursor:
        cursor.execute(SET_ROLES_SQL, [account.pk, *roles, event.pk])
