"""Input in which a member that nobody reads is refused."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

UNKNOWN = "There is no member of this name here."


class StrictSerializer(serializers.Serializer[Any]):
    """For decisions: a misspelt or misplaced restriction must not be passed over in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping) and (unknown := sorted(set(data) - set(self.fields))):
            raise serializers.ValidationError(dict.fromkeys(unknown, UNKNOWN))
        return super().to_internal_value(data)
