"""Rows of domains and data products."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, TextChoices, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from identity.keys import SlugKeyField
from identity.people.models import Person, Team
from kernel.state_transitions import Transitions


class ProductLifecycle(TextChoices):
    """A deprecated product is still found and used, but not requested. A retired one is only an address that names its successor."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    DEPRECATED = "deprecated", _("deprecated")
    RETIRED = "retired", _("retired")


class SharingTerms(TextChoices):
    """Whether consumers may pass on what they make from a product, as a data product of their own."""

    ALLOWED = "allowed", _("allowed")
    SAME_TERMS = "same_terms", _("allowed under the same terms")
    WITH_APPROVAL = "with_approval", _("only with our approval")
    FORBIDDEN = "forbidden", _("not allowed")


PRODUCT_TRANSITIONS = Transitions(
    ProductLifecycle,
    {
        ProductLifecycle.DRAFT: {ProductLifecycle.PUBLISHED},
        ProductLifecycle.PUBLISHED: {ProductLifecycle.DEPRECATED},
        ProductLifecycle.DEPRECATED: {ProductLifecycle.PUBLISHED, ProductLifecycle.RETIRED},
    },
)


LIFECYCLE_OF_PRODUCT = Case(
    When(retired_at__isnull=False, then=Value(ProductLifecycle.RETIRED.value)),
    When(is_published=False, then=Value(ProductLifecycle.DRAFT.value)),
    When(deprecated_at__isnull=False, then=Value(ProductLifecycle.DEPRECATED.value)),
    default=Value(ProductLifecycle.PUBLISHED.value),
)


class Audience(models.TextChoices):
    """Each narrower than the one before, but for `TEAMS`: those in `catalog.discovery.DiscoveryTeam`."""

    EVERYONE = "everyone", _("everyone, including people outside the organisation")
    ORGANISATION = "organisation", _("everyone in the organisation")
    LINE = "line", _("the line of business")
    DOMAIN = "domain", _("the domain's team")
    TEAMS = "teams", _("selected teams")


SHARED_AUDIENCES = (Audience.EVERYONE, Audience.ORGANISATION)
AUDIENCE_OF_PRODUCT = Case(
    When(seen_by=Audience.ORGANISATION, then=Value(1)),
    When(seen_by=Audience.EVERYONE, then=Value(2)),
    default=F("id") + 2,
)
_NARROWER = {
    Audience.EVERYONE: tuple(Audience),
    Audience.ORGANISATION: (Audience.ORGANISATION, Audience.LINE, Audience.DOMAIN, Audience.TEAMS),
    Audience.LINE: (Audience.LINE, Audience.DOMAIN, Audience.TEAMS),
    Audience.DOMAIN: (Audience.DOMAIN,),
    Audience.TEAMS: (Audience.DOMAIN, Audience.TEAMS),
}
"""Who may request it, by who may see it. The domain's team always sees it."""
REQUESTED_BY_FEWER = Q(
    *(Q(seen_by=seen, requested_by__in=requested) for seen, requested in _NARROWER.items()), _connector=Q.OR
)


def list_request_audiences(seen_by: str) -> tuple[Audience, ...]:
    """Who may be allowed to request what these people see."""
    return _NARROWER[Audience(seen_by)]


class Domain(models.Model):
    """A business area. Its owner team is responsible for its products."""

    slug = SlugKeyField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(
        blank=True, help_text="What its data is about, for those who look for data."
    )
    line_of_business = models.CharField(max_length=80, blank=True)
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="domains")
    decide_within_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Hours within which data owners promise to decide. Leave empty for the default; 0 means no promise.",
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("slug"), name="catalog_domain_slug_any_case")]

    def __str__(self) -> str:
        return self.name


class DataProduct(models.Model):
    """What a domain publishes: tables with a description and an owner."""

    class Tier(models.TextChoices):
        BRONZE = "bronze", _("bronze")
        SILVER = "silver", _("silver")
        GOLD = "gold", _("gold")

    slug = SlugKeyField(unique=True)
    name = models.CharField(max_length=160)
    summary = models.CharField(max_length=240)
    description = models.TextField(blank=True)
    domain = models.ForeignKey(Domain, on_delete=models.PROTECT, related_name="products")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="products")
    tier = models.CharField(max_length=10, choices=Tier, default=Tier.GOLD)
    keywords = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tables = models.ManyToManyField(Table, through="ProductTable", related_name="products")
    refresh = models.CharField(
        max_length=60, blank=True, help_text="In words, such as hourly or each working day."
    )
    support = models.CharField(
        max_length=240, blank=True, default="", db_default="", help_text="Where consumers get help."
    )
    terms = models.TextField(blank=True, default="", db_default="", help_text="What consumers agree to.")
    passing_on = models.CharField(
        max_length=14,
        choices=SharingTerms,
        default=SharingTerms.SAME_TERMS,
        db_default=SharingTerms.SAME_TERMS,
        help_text="Whether data products made from it may be passed on.",
    )
    retention = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="How long the data is kept, in words.",
    )
    freshness_hours = models.PositiveIntegerField(
        null=True, blank=True, help_text="The data is at most this many hours old. Empty: not promised."
    )
    completeness_percent = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Of the expected rows. Empty: not promised.",
    )
    availability_percent = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, blank=True, help_text="Of the time. Empty: not promised."
    )
    quality_percent = models.DecimalField(
        max_digits=6,
        decimal_places=3,
        null=True,
        blank=True,
        help_text="Of the evaluated quality rules, passed. Empty: not promised.",
    )
    support_hours = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="When consumers get help, in words."
    )
    answer_hours = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Problems are answered within this many hours. Empty: not promised.",
    )
    sql_example = models.TextField(blank=True, default="", db_default="", editable=False)
    python_example = models.TextField(blank=True, default="", db_default="", editable=False)
    links = models.JSONField(
        default=dict,
        db_default=Value({}, models.JSONField()),
        blank=True,
        editable=False,
        help_text="URLs by `catalog.products.links.LinkKind`.",
    )
    inputs = models.ManyToManyField(
        "self", through="ProductInput", symmetrical=False, related_name="outputs", blank=True
    )
    is_published = models.BooleanField(default=True, help_text="Whether people outside its team find it.")
    seen_by = models.CharField(
        max_length=12,
        choices=Audience,
        default=Audience.ORGANISATION,
        db_default=Audience.ORGANISATION,
        editable=False,
        help_text="Who may see it, besides the domain's team and who holds access.",
    )
    requested_by = models.CharField(
        max_length=12,
        choices=Audience,
        default=Audience.ORGANISATION,
        db_default=Audience.ORGANISATION,
        editable=False,
        help_text="Who of them may request it.",
    )
    audience = models.GeneratedField(
        expression=AUDIENCE_OF_PRODUCT,
        output_field=models.BigIntegerField(),
        db_persist=True,
        help_text="Equal for products that the same people see; compared with `catalog_audience`.",
    )
    deprecated_at = models.DateTimeField(null=True, blank=True, editable=False)
    retires_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="While its retirement is scheduled."
    )
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    lifecycle = models.GeneratedField(
        expression=LIFECYCLE_OF_PRODUCT,
        output_field=models.CharField(max_length=10, choices=ProductLifecycle),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("slug"), name="catalog_product_slug_any_case"),
            models.CheckConstraint(condition=REQUESTED_BY_FEWER, name="product_requested_by_who_sees_it"),
            models.CheckConstraint(
                condition=Q(deprecated_at=None) | Q(is_published=True) | Q(retired_at__isnull=False),
                name="product_deprecated_is_published",
            ),
            models.CheckConstraint(
                condition=Q(retired_at=None)
                | Q(deprecated_at__isnull=False, is_published=False, retires_at=None),
                name="product_retired_was_deprecated",
            ),
            models.CheckConstraint(
                condition=Q(retires_at=None) | Q(deprecated_at__isnull=False),
                name="product_retires_if_deprecated",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{field: None}) | Q(**{f"{field}__gte": 0, f"{field}__lte": 100}),
                    name=f"product_{field}_range",
                )
                for field in ("completeness_percent", "availability_percent", "quality_percent")
            ),
        ]
        indexes = [
            models.Index(
                fields=["audience"], name="product_limited", condition=~Q(seen_by__in=SHARED_AUDIENCES)
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def lifecycle_label(self) -> str:
        return str(ProductLifecycle(self.lifecycle).label)


class ProductTable(models.Model):
    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="product_tables")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="product_tables")
    position = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["product", "table"], name="catalog_product_table_once")
        ]

    def __str__(self) -> str:
        return f"{self.table} in {self.product}"


class ProductInput(models.Model):
    """A data product that another one is made from."""

    product = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="input_links")
    input = models.ForeignKey(DataProduct, on_delete=models.PROTECT, related_name="output_links")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "input"], name="product_input_once"),
            models.CheckConstraint(condition=~Q(product=F("input")), name="product_input_is_another"),
        ]

    def __str__(self) -> str:
        return f"{self.input} for {self.product}"
