"""Names of the parts of the OpenAPI document."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

SUFFIXES = {"Out": "", "In": "Input"}
"""Of a serializer's class: what is shown has the thing's own name."""


class Schema(AutoSchema):  # type: ignore[misc]
    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:  # noqa: FBT001, FBT002 - the framework's
        name: str = super()._get_serializer_name(serializer, direction, bypass_extensions)
        for suffix, instead in SUFFIXES.items():
            if name.endswith(suffix):
                return name.removesuffix(suffix) + instead
        return name
