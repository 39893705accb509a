"""Rows of domains and data products."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.mirror.models import Table
from identity.people.models import Person, Team


class Domain(models.Model):
    """A business area. Its owner team is responsible for its products."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    line_of_business = models.CharField(max_length=80, blank=True)
    owner_team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="domains")
    decide_within_hours = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Hours within which data owners promise to decide. Leave empty for the default; 0 means no promise.",
    )

    def __str__(self) -> str:
        return self.name


class DataProduct(models.Model):
    """What a domain publishes: tables with a description and an owner."""

    class Tier(models.TextChoices):
        BRONZE = "bronze", _("bronze")
        SILVER = "silver", _("silver")
        GOLD = "gold", _("gold")

    slug = models.SlugField(unique=True)
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
    is_published = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


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
