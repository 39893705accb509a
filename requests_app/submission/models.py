"""The basket: tables that a person collects before requesting them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from catalog.mirror.models import Table
from catalog.products.models import DataProduct
from catalog.products.offers.models import DataUse, OfferVersion
from identity.accounts import LocalGroup, Principal
from identity.people.models import Person, Team
from requests_app.access_requests.item_targets import ItemTarget, get_target


class Basket(models.Model):
    """What a person collects for one of their teams: the only draft, which nobody else sees.

    `version` grows with each change of what is in it, so that what is sent is what was shown.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="baskets")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="baskets")
    version = models.PositiveIntegerField(default=0)
    purpose = models.TextField(blank=True, help_text="Input so far.")
    ends_on = models.DateField(null=True, blank=True)
    principal = models.ForeignKey(
        Principal, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    group = models.ForeignKey(LocalGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "team"], name="basket_of_person_and_team")]

    def __str__(self) -> str:
        return f"basket of {self.person} for {self.team}"


class BasketItem(models.Model):
    """One table in a basket, as an item of a request would have it."""

    basket = models.ForeignKey(Basket, on_delete=models.PROTECT, related_name="items")
    table = models.ForeignKey(Table, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    columns = ArrayField(models.CharField(max_length=255), default=list)
    whole_table = models.BooleanField(default=False)
    row_filter = models.TextField(blank=True, default="")
    metadata_only = models.BooleanField(default=False)
    offer = models.ForeignKey(OfferVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(max_length=10, choices=DataUse, blank=True, default="")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["basket", "table"], name="basket_table_once")]

    def __str__(self) -> str:
        return f"{self.table} in basket {self.basket_id}"

    @property
    def target(self) -> ItemTarget:
        return get_target(self)

    @property
    def is_chosen(self) -> bool:
        """Whether it is chosen what of the table is requested. Until then it is not sent."""
        return bool(self.columns or self.whole_table or self.metadata_only)
