"""Attempts to sign in, counted."""

from django.db import models


class SignInAttempt(models.Model):
    """An attempt to sign in that did not succeed, or not yet; see `identity.actions`. Kept for minutes."""

    email = models.CharField(max_length=254, help_text="as typed, in small letters; nobody may have it")
    address = models.CharField(max_length=64, blank=True, help_text="where it came from, if that is known")
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
