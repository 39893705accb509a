"""Prices of scans, set by people."""

from decimal import Decimal

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from identity.accounts import Account

CURRENCY_PATTERN = "^[A-Z]{3}$"


class ScanPrice(models.Model):
    """Of a terabyte (2⁴⁰ bytes) that Athena scans for the account, from a day on until that of the next price. Without one,
    costs are not known.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="scan_prices")
    valid_from = models.DateField(help_text="First day (UTC) of this price.")
    per_terabyte = models.DecimalField(
        max_digits=12,
        decimal_places=4,
        validators=[MinValueValidator(Decimal(0))],
        help_text="For each terabyte (2⁴⁰ bytes) that Athena scans.",
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(CURRENCY_PATTERN, "Three capital letters, such as USD.")],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "valid_from"], name="catalog_scan_price_once"),
            models.CheckConstraint(condition=Q(per_terabyte__gte=0), name="catalog_scan_price_not_negative"),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY_PATTERN), name="catalog_scan_price_currency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.per_terabyte} {self.currency} from {self.valid_from} in {self.account}"
