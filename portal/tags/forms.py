"""The form of an LF-Tag key and its values."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.tag_changes.checks import MAX_KEY, MAX_TEXT, MAX_VALUES
from catalog.tag_changes.tag_keys import TagKeyDetails
from identity.accounts.models import ConnectedCatalog
from lakeformation.tagging.assignments import TagDefinition
from portal.pages.forms import set_choices
from portal.tag_changes.forms import ProposalForm

MAX_LINES = MAX_VALUES * 200
SEPARATOR = ": "


def parse_value_lines(text: str) -> dict[str, str]:
    """Meanings by value; a value without one has an empty text."""
    lines = (line.strip().partition(SEPARATOR) for line in text.splitlines() if line.strip())
    return {value.strip().removesuffix(":").lower(): meaning.strip() for value, _separator, meaning in lines}


def format_value_lines(values: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"{value}{SEPARATOR}{meaning}" if meaning else value for value, meaning in values)


class TagForm(ProposalForm):
    """Of a key that is new, or of `tag`, whose name and catalog stay."""

    max_lengths = {"key": MAX_KEY, "text": MAX_TEXT, "lines": MAX_LINES}

    catalog = forms.TypedChoiceField(coerce=int, error_messages={"required": _("Choose a catalog.")})
    key = forms.CharField(max_length=MAX_KEY, error_messages={"required": _("Enter the name of the key.")})
    meaning = forms.CharField(required=False, max_length=MAX_TEXT)
    values = forms.CharField(
        max_length=MAX_LINES, error_messages={"required": _("Enter at least one value.")}
    )

    def __init__(
        self, data: Any, *, catalogs: Sequence[ConnectedCatalog] = (), tag: TagKeyDetails | None = None
    ) -> None:
        super().__init__(data, initial=_build_initial(tag) if tag else {})
        self.tag = tag
        if tag:
            del self.fields["catalog"], self.fields["key"]
        else:
            set_choices(self, "catalog", [(one.pk, str(one)) for one in catalogs])

    def build_definition(self) -> TagDefinition:
        said = self.cleaned_data
        meanings = parse_value_lines(said["values"])
        key = self.tag.row.key if self.tag else said["key"]
        removed = set(self.tag.row.values) - meanings.keys() if self.tag else set()
        texts = {"": said["meaning"], **meanings}
        return TagDefinition(key, tuple(meanings), tuple(sorted(texts.items())), tuple(sorted(removed)))


def _build_initial(tag: TagKeyDetails) -> dict[str, str]:
    values = format_value_lines((one.name, one.meaning) for one in tag.values)
    return {"meaning": tag.meaning, "values": values}
