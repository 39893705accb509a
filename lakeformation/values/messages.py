"""Whole sentences with values, of which the English text is stored and compared, and from which other languages are made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

_PLACEHOLDER = re.compile(r"%%|%\((\w+)\)([sd])")


_VALUES = {"verb": "[A-Z_]+"}
"""What these values look like; others may be anything."""


def gettext_noop(text: str) -> str:
    """Marks a text for the catalogue of translations."""
    return text


@dataclass(frozen=True)
class MessageTemplate:
    """An English sentence with `%(name)s` for each text, `%(name)d` for each whole number, and `%%` for a percent sign.

    `find_values` is the inverse of `format`, so a text that was stored long ago can still be shown in another language. Values that
    are texts themselves may contain anything: the shortest one that fits is taken.
    """

    text: str

    def format(self, **values: object) -> str:
        return self.text % values

    def find_values(self, text: str) -> dict[str, str | int] | None:
        """The values with which `format` gives the text; None if no values do."""
        match = self.pattern.fullmatch(text) if text.startswith(self.beginning) else None
        if match is None:
            return None
        return {
            name: int(value) if name in self.numbers else value for name, value in match.groupdict().items()
        }

    @cached_property
    def fixed_length(self) -> int:
        """How many characters are no values: of several templates that fit a text, the one with most of them is meant."""
        return len(_PLACEHOLDER.sub(lambda part: "" if part[1] else "%", self.text))

    @cached_property
    def beginning(self) -> str:
        first = next((part for part in _PLACEHOLDER.finditer(self.text) if part[1]), None)
        return self.text[: first.start() if first else None].replace("%%", "%")

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(part[1] for part in _PLACEHOLDER.finditer(self.text) if part[2] == "d")

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        names: set[str] = set()
        pattern, end = "", 0
        for part in _PLACEHOLDER.finditer(self.text):
            pattern += re.escape(self.text[end : part.start()])
            end, name = part.end(), part[1]
            if name is None:
                pattern += "%"
            elif name in names:
                pattern += f"(?P={name})"
            else:
                pattern += f"(?P<{name}>{'[0-9]+' if part[2] == 'd' else _VALUES.get(name, '.*?')})"
                names.add(name)
        return re.compile(pattern + re.escape(self.text[end:]), re.DOTALL)


_REGISTERED: list[MessageTemplate] = []


def message(text: str) -> MessageTemplate:
    """A template that `find_message` knows."""
    template = MessageTemplate(text)
    _REGISTERED.append(template)
    return template


def find_message(text: str) -> tuple[MessageTemplate, Mapping[str, str | int]] | None:
    """The template of which the text was made, with its values."""
    fitting = (
        (template, values)
        for template in _REGISTERED
        if (values := template.find_values(text)) is not None and template.fixed_length
    )
    return max(fitting, key=lambda pair: pair[0].fixed_length, default=None)
