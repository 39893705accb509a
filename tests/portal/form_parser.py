"""The forms of a page, and what a browser would send with each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

Attributes = dict[str, str]
TOKEN = "csrfmiddlewaretoken"
NOT_SENT = {TOKEN, ""}
SENT_WHEN_TICKED = {"checkbox", "radio"}
BUTTON_KINDS = {"submit", "image"}


@dataclass
class Field:
    """`kind` is hidden, text, textarea, number, date, checkbox, radio, select or submit; `values` are those to send,
    `standing` those that are sent if nobody touches the form.
    """

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Button:
    """`address` and `method` are of its own, or those of its form; a form without a button is sent by a nameless one."""

    name: str
    value: str
    address: str
    method: str


@dataclass
class Form:
    address: str
    method: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)
    token: str = ""

    def add(self, name: str, kind: str, values: list[str], standing: list[str]) -> None:
        if name == TOKEN:
            self.token = values[0]
        if name not in NOT_SENT:
            known = self.fields.setdefault(name, Field(name, kind))
            known.values += values
            known.standing += standing


class _FormParser(HTMLParser):
    """Fields outside their form's element name it by `form`."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.by_id: dict[str, Form] = {}
        self.forms: list[Form] = []
        self.loose: list[tuple[str, str, str, list[str], list[str]]] = []
        self.loose_buttons: list[tuple[str, Attributes]] = []
        self.inside: Form | None = None
        self.select: tuple[Attributes, list[str], list[str]] | None = None
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
            self.select = said, [], []
        elif tag == "option" and self.select:
            value = said.get("value", "")
            self.select[1].append(value)
            if "selected" in said:
                self.select[2].append(value)
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
            said, options, selected = self.select
            standing = selected or ([] if "multiple" in said else options[:1])
            self._field(said, "select", [next(filter(None, options), "")], standing)
            self.select = None
        elif tag == "textarea" and self.text:
            said, parts = self.text
            self._field(said, "textarea", ["".join(parts)], ["".join(parts)])
            self.text = None

    def _input(self, said: Attributes, tag: str) -> None:
        kind = said.get("type", "submit" if tag == "button" else "text")
        if tag == "button" and kind != "submit":
            return
        value = said.get("value", "on" if kind in SENT_WHEN_TICKED else "")
        is_sent = kind not in BUTTON_KINDS and (kind not in SENT_WHEN_TICKED or "checked" in said)
        self._field(said, kind, [value], [value] if is_sent else [])
        if kind in BUTTON_KINDS and "disabled" not in said:
            if "form" in said:
                self.loose_buttons.append((said["form"], said))
            elif self.inside:
                self.add_button(self.inside, said)

    def add_button(self, form: Form, said: Attributes) -> None:
        address = urljoin(self.address, said["formaction"]) if "formaction" in said else form.address
        method = said.get("formmethod", form.method).lower()
        form.buttons.append(Button(said.get("name", ""), said.get("value", ""), address, method))

    def _field(self, said: Attributes, kind: str, values: list[str], standing: list[str]) -> None:
        name = said.get("name", "")
        sent = [] if "disabled" in said else standing
        if "form" in said:
            self.loose.append((said["form"], name, kind, values, sent))
        elif self.inside:
            self.inside.add(name, kind, values, sent)


def parse_every_form(html: str, address: str) -> list[Form]:
    """Also those of searches and filters, which are sent by GET."""
    reader = _FormParser(address)
    reader.feed(html)
    for owner, name, kind, values, sent in reader.loose:
        if owner in reader.by_id:
            reader.by_id[owner].add(name, kind, values, sent)
    for owner, said in reader.loose_buttons:
        if owner in reader.by_id:
            reader.add_button(reader.by_id[owner], said)
    return reader.forms


def parse_forms(html: str, address: str) -> Iterator[Form]:
    """Those that are sent by POST."""
    yield from (form for form in parse_every_form(html, address) if form.method == "post")
