"""Broken promises in the API."""

from rest_framework import serializers

from catalog.promises import PromiseBreach, PromiseKind
from portal.api.fields import EnumOut, TextOut, TimeOut


class BrokenPromiseOut(serializers.Serializer[PromiseBreach]):
    """A promise that is not kept now. Texts are in English."""

    kind = EnumOut(PromiseKind.values)
    promised = serializers.CharField()
    fact = serializers.CharField(help_text="what was found last")
    cause = TextOut()
    began_at = TimeOut()
    checked_at = TimeOut()
