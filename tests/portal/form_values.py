"""What a browser would send with a form of a page as it stands."""

from html.parser import HTMLParser

Attributes = dict[str, str]


class _ValueParser(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._form_id = form_id
        self._is_inside = False
        self._select: str = ""
        self._textarea: str = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._is_inside = said.get("id") == self._form_id
        elif self._is_inside:
            self._read_field(tag, said)

    def _read_field(self, tag: str, said: Attributes) -> None:
        name = said.get("name", "")
        is_box = said.get("type") in {"checkbox", "radio"}
        if tag == "input" and (not is_box or "checked" in said):
            self.values[name] = said.get("value", "on" if is_box else "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in said or self._select not in self.values):
            self.values[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._textarea, self.values[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._textarea:
            self.values[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._textarea = ""
        elif tag == "form":
            self._is_inside = False


def read_form_values(html: str, form_id: str) -> dict[str, str]:
    """By name; of several fields with one name, the last. Buttons are not sent."""
    parser = _ValueParser(form_id)
    parser.feed(html)
    return parser.values
