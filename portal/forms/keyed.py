"""Forms with a key of their own: sent twice, they count once."""

import uuid

from django import forms

from requests_app.asks import LONGEST_KEY
from requests_app.errors import RefusedError


class KeyedForm(forms.Form):
    key = forms.CharField(max_length=LONGEST_KEY)
    _is_spent = False

    @property
    def own_key(self) -> str:
        """Under which the page sends it: as it came; a new one at first, and where its own was refused."""
        came = "" if self._is_spent else self.data.get("key", "")
        return came or uuid.uuid4().hex

    def say(self, error: RefusedError, **fields: str) -> None:
        """The refusal at its field, else above the form. `fields`: the form's name for what a verb names otherwise."""
        self._is_spent = error.field in {"key", "submission_key"}
        field = fields.get(error.field, error.field)
        self.add_error(field if field in self.fields and field != "key" else None, error.message)
