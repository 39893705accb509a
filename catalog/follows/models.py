"""Who follows what."""

from django.db import models
from django.db.models import Q

from catalog.products.models import DataProduct, Domain
from identity.people.models import Person


class Follow(models.Model):
    """A person is told of what happens to a data product, or of new data products in a domain."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="follows")
    product = models.ForeignKey(
        DataProduct, null=True, blank=True, on_delete=models.PROTECT, related_name="follows"
    )
    domain = models.ForeignKey(
        Domain, null=True, blank=True, on_delete=models.PROTECT, related_name="follows"
    )
    followed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(product__isnull=False, domain=None) | Q(product=None, domain__isnull=False),
                name="follow_of_product_or_domain",
            ),
            models.UniqueConstraint(fields=["person", "product"], name="follow_product_once"),
            models.UniqueConstraint(fields=["person", "domain"], name="follow_domain_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person} follows {self.product or self.domain}"
