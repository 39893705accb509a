"""Checks the values of declared rows by the fields of their models, without a query."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db.models import Field, Model

from catalog.products.fields import PRODUCT_FIELDS
from catalog.products.models import DataProduct, Domain
from identity.accounts import ConnectedCatalog
from identity.people.models import Person, Team

DECLARED_FIELDS = " ".join(one.name for one in PRODUCT_FIELDS if one.is_declared)
FIELDS: dict[str, tuple[type[Model], str]] = {
    "teams": (Team, "slug name"),
    "people": (Person, "email name"),
    "catalogs": (ConnectedCatalog, "short_name region kind location_role_arn"),
    "domains": (Domain, "slug name"),
    "products": (DataProduct, f"slug tier {DECLARED_FIELDS}"),
}
"""By section the model and those of its fields that a row gives."""
LISTS = ("tables", "databases", "platform_roles", "keywords")
TEXTS = ("account", "catalog", "owner_team", "domain", "owner")
"""What names another row, which is looked up later."""


def find_wrong_values(section: str, row: Mapping[str, Any]) -> Iterator[str]:
    """A text for each value that is too long or otherwise wrong, beginning with its field."""
    model, names = FIELDS[section]
    for name, value in row.items():
        if name in LISTS:
            yield from _find_wrong_items(model, names, name, value)
        elif name == "teams":
            if not isinstance(value, dict) or not all(isinstance(roles, list) for roles in value.values()):
                yield "teams: must map each team to a list of roles"
        elif name in TEXTS or name in names.split():
            yield from _find_faults(_get_field(model, name, names), name, value)


def describe_lengths() -> str:
    """The longest value of each field, in characters."""
    return "; ".join(
        f"{section}: "
        + ", ".join(
            f"{name} {length}"
            for name in names.split()
            if (length := _get_max_length(model, name)) is not None
        )
        for section, (model, names) in FIELDS.items()
    )


def _find_wrong_items(model: type[Model], names: str, name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{name}: must be a list"
        return
    for position, item in enumerate(value):
        yield from _find_faults(_get_field(model, name, names), f"{name}[{position}]", item)


def _find_faults(field: "Field[Any, Any] | None", name: str, value: Any) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{name}: must be text; put it in quotes"
    elif "\x00" in value:
        yield f"{name}: must not contain the character 0"
    elif field is not None:
        try:
            field.clean(value, None)
        except ValidationError as error:
            yield f"{name}: {' '.join(error.messages)}"


def _get_field(model: type[Model], name: str, names: str) -> "Field[Any, Any] | None":
    if name not in names.split():
        return None
    field: Field[Any, Any] = model._meta.get_field(name)  # type: ignore[assignment]  # noqa: SLF001
    return field.base_field if isinstance(field, ArrayField) else field


def _get_max_length(model: type[Model], name: str) -> int | None:
    field = _get_field(model, name, name)
    return field.max_length if field is not None and not field.choices else None
