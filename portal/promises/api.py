"""Broken promises in the API."""

from rest_framework import serializers

from catalog.promises import PromiseBreach
from portal.api.references import RowOut


class BrokenPromiseOut(RowOut):
    """A promise that is not kept now. Texts are in English."""

    class Meta:
        model = PromiseBreach
        fields = ("kind", "promised", "fact", "cause", "began_at", "checked_at")

    fact = serializers.CharField(help_text="what was found last")
