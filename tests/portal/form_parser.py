"""The forms that a page shows, as a browser would send them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Attributes = dict[str, str]
NOT_SENT = {"csrfmiddlewaretoken", ""}
SENT_WHEN_TICKED = {"checkbox", "radio"}


@dataclass
class Field:
    """`kind` is hidden, text, textarea, number, date, checkbox, radio, select or submit; `values` are those to send."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)


@dataclass
class Form:
    address: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)

    def add(self, name: str, kind: str, values: list[str]) -> None:
        if name not in NOT_SENT:
            self.fields.setdefault(name, Field(name, kind)).values += values


class _FormParser(HTMLParser):
    """Fields outside their form's element name it by `form`."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.by_id: dict[str, Form] = {}
        self.forms: list[Form] = []
        self.loose: list[tuple[str, str, str, list[str]]] = []
        self.inside: Form | None = None
        self.select: tuple[Attributes, list[str]] | None = None
        self.text: tuple[Attributes, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = Form(
                urljoin(self.address, said.get("action", "")), said.get("method", "get").lower()
            )
            self.forms.append(self.inside)
            self.by_id[said.get("id", "")] = self.inside
        elif tag == "select":
            self.select = said, []
        elif tag == "option" and self.select:
            self.select[1].append(said.get("value", ""))
        elif tag == "textarea":
            self.text = said, []
        elif tag in {"input", "button"}:
            self._input(said, tag)

    def handle_data(self, data: str) -> None:
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select" and self.select:
            said, options = self.select
            self._field(said, "select", [next(filter(None, options), "")])
            self.select = None
        elif tag == "textarea" and self.text:
            said, parts = self.text
            self._field(said, "textarea", ["".join(parts)])
            self.text = None

    def _input(self, said: Attributes, tag: str) -> None:
        kind = "submit" if tag == "button" else said.get("type", "text")
        self._field(said, kind, [said.get("value", "on" if kind in SENT_WHEN_TICKED else "")])

    def _field(self, said: Attributes, kind: str, values: list[str]) -> None:
        name = said.get("name", "")
        if "form" in said:
            self.loose.append((said["form"], name, kind, values))
        elif self.inside:
            self.inside.add(name, kind, values)


def parse_forms(html: str, address: str) -> Iterator[Form]:
    """Those that are sent by POST."""
    reader = _FormParser(address)
    reader.feed(html)
    for owner, name, kind, values in reader.loose:
        if owner in reader.by_id:
            reader.by_id[owner].add(name, kind, values)
    yield from (form for form in reader.forms if form.method == "post")
