"""The normal form of what identifies people, teams, accounts and other rows, and the model fields that keep it.

The fields normalize what is written and what is looked up, so `Ana@Bank.example` finds `ana@bank.example` everywhere.
"""

import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    EmailFieldBase = models.EmailField[str, str]
    SlugFieldBase = models.SlugField[str, str]
else:
    EmailFieldBase, SlugFieldBase = models.EmailField, models.SlugField


def normalize_email(email: str) -> str:
    """In Unicode's form NFKC, without blanks at the ends, and in lower case."""
    return unicodedata.normalize("NFKC", email).strip().lower()


def normalize_slug(slug: str) -> str:
    """In Unicode's form NFKC, without blanks at the ends, and in lower case."""
    return unicodedata.normalize("NFKC", slug).strip().lower()


def normalize_account_id(account_id: str) -> str:
    """In Unicode's form NFKC, without the blanks and dashes by which people group the digits."""
    return "".join(unicodedata.normalize("NFKC", account_id).split()).replace("-", "")


def validate_ascii_email(email: str) -> None:
    """Letters outside of ASCII can look like others: there is an `a` in Latin and one in Cyrillic."""
    if not email.isascii():
        raise ValidationError(
            _("Use only ASCII characters. Write an international domain in its form xn--."), code="not_ascii"
        )


class EmailKeyField(EmailFieldBase):
    """An ASCII e-mail address that identifies somebody."""

    default_validators = [*models.EmailField.default_validators, validate_ascii_email]

    def to_python(self, value: Any) -> Any:
        return _normalize(normalize_email, super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return _normalize(normalize_email, super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        return _keep(self, model_instance, super().pre_save(model_instance, add))

    def deconstruct(self) -> Any:
        return _deconstruct_as("django.db.models.EmailField", super().deconstruct())


class SlugKeyField(SlugFieldBase):
    """A slug in lower case."""

    def to_python(self, value: Any) -> Any:
        return _normalize(normalize_slug, super().to_python(value))

    def get_prep_value(self, value: Any) -> Any:
        return _normalize(normalize_slug, super().get_prep_value(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        return _keep(self, model_instance, super().pre_save(model_instance, add))

    def deconstruct(self) -> Any:
        return _deconstruct_as("django.db.models.SlugField", super().deconstruct())


def _normalize(normalize: Any, value: Any) -> Any:
    """Expressions of the database stay as they are."""
    return normalize(value) if isinstance(value, str) else value


def _keep(field: Any, row: models.Model, value: Any) -> Any:
    """The instance has the normal form after it was saved, not only the database."""
    kept = field.to_python(value) if isinstance(value, str) else value
    setattr(row, field.attname, kept)
    return kept


def _deconstruct_as(path: str, parts: Any) -> Any:
    """For migrations it is Django's field: the column is the same."""
    name, _path, args, kwargs = parts
    return name, path, args, kwargs
