"""What a page sends by itself: fields that nobody sees, and a key by which a form that is sent twice counts once."""

import uuid
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.errors import RefusedError
from requests_app.access_requests.input_checks import LONGEST_KEY

NOT_WHOLE = _(
    "What the browser sent was not whole, so nothing was done. Look at it again, and send it once more."
)


class PageForm(forms.Form):
    """`unseen` are the fields that the page fills in: where one is wrong, no place on the page could say it."""

    unseen: ClassVar[frozenset[str]] = frozenset()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.unseen & self.errors.keys():
            self.add_error(None, NOT_WHOLE)
        return self.cleaned_data if cleaned is None else cleaned


class OwnKeyForm(PageForm):
    """With a key of its own in the field `key_name`."""

    key_name: ClassVar[str] = "key"
    is_spent = False

    @cached_property
    def own_key(self) -> str:
        """Under which the page sends it: as it came; a new one at first, and where its own was refused."""
        refused = self.is_spent or self.key_name in self.errors
        came = "" if refused else self.data.get(self.key_name, "")
        return came or uuid.uuid4().hex


class KeyedForm(OwnKeyForm):
    unseen = frozenset({"key"})

    key = forms.CharField(max_length=LONGEST_KEY)

    def say(self, error: RefusedError, **fields: str) -> None:
        """The refusal at its field, else above the form. `fields`: the form's name for what a verb names otherwise."""
        self.is_spent = error.field in {"key", "submission_key"}
        field = fields.get(error.field, error.field)
        self.add_error(field if field in self.fields and field != "key" else None, error.message)
