"""Rows of requests for a link that resets a password."""

from django.db import models
from django.db.models import Q


class PasswordResetRequest(models.Model):
    """Somebody asked for a link to reset the password of this e-mail. A worker answers it, by mail or not at all.

    There is a row for each request, whether there is such a person or not: it also counts against the limits. Kept for an hour.
    """

    email = models.CharField(
        max_length=254, help_text="As entered, in lower case; there may be no such person."
    )
    address = models.CharField(max_length=64, blank=True, help_text="Where the request came from, if known.")
    at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["email", "at"], name="identity_reset_email"),
            models.Index(fields=["address", "at"], name="identity_reset_address"),
            models.Index(fields=["id"], condition=Q(answered_at=None), name="identity_reset_unanswered"),
        ]

    def __str__(self) -> str:
        return f"{self.email} from {self.address or 'somewhere'}"
