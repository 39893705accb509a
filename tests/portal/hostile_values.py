"""Values that no person types, by the kind of the field, and forms sent with them."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote_plus

from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client
from django.utils.html import conditional_escape

from tests import factories
from tests.portal.form_parser import Field, Form

NUL, TOO_LARGE_INTEGER, TOO_LONG_INTEGER = "\x00", str(2**63), "9" * 5_000
HOSTILE_TEXTS = (NUL, "x" * 1_000_000)
HOSTILE_IDS = (f"{NUL}x", TOO_LARGE_INTEGER, TOO_LONG_INTEGER)
HOSTILE_BY_KIND: Mapping[str, Sequence[str]] = {
    "text": HOSTILE_TEXTS,
    "textarea": HOSTILE_TEXTS,
    "number": ("-1", TOO_LARGE_INTEGER, TOO_LONG_INTEGER, "1e400"),
    "date": ("0000-01-01", "9999-12-31", "tomorrow", NUL),
}
LONE_SURROGATE = b"\xed\xa0\x80"
MAX_TOGETHER = 10_000
"""So many characters may a value have that is sent in company."""
MAX_FIELDS = 6_000
"""That the site reads of one form."""
Values = dict[str, list[str]]


def pick_sample(field: Field) -> list[str]:
    """What a person would send: as the page fills it in, else something that fits its kind."""
    said = {
        "arn": "arn:aws:iam::1:role/no",
        "tags": "",
        "columns": "",
        "row_filter": "",
        "account_id": "710000000002",
    }
    by_kind = {"number": "1", "date": f"{factories.days_from_now(9):%Y-%m-%d}"}
    if field.kind == "radio":
        return field.values[:1]
    if field.values[0] or field.kind == "hidden":
        return field.values
    return [said.get(field.name, by_kind.get(field.kind, "Some words that say why."))]


def fill_form(form: Form) -> Iterator[Values]:
    """As a person would send it, by each of its buttons."""
    fields = [one for one in form.fields.values() if one.kind != "submit"]
    typed = {one.name: pick_sample(one) for one in fields}
    buttons = [
        (one.name, value) for one in form.fields.values() if one.kind == "submit" for value in one.values
    ]
    yield from ({**typed, name: [value]} for name, value in buttons) if buttons else [typed]


class FormAttack:
    """Values for a form that is `good`: what the site says in answer is to be noted. `known` are fields of the same view that
    were attacked before, with their place.
    """

    def __init__(self, form: Form, good: Values, known: dict[str, int]) -> None:
        self.form, self.good, self.known = form, good, known
        self._refused: set[str] = set()

    def note(self, answer: HttpResponse) -> None:
        self._refused = set(list_refused_fields(answer))

    def generate(self) -> Iterator[tuple[str, Values]]:
        """What was done to it, and what is sent. Of the values for a kind each field meets another one: all of them would
        take minutes. Fields of which the page complains in company are not sent alone.
        """
        form, good, known = self.form, self.good, self.known
        if not any(name in known for name in good):
            yield from _generate_hostile_forms(form, good)
        bad = dict[str, str]()
        for name in [one for one in good if one not in known]:
            values = HOSTILE_BY_KIND.get(form.fields[name].kind, HOSTILE_IDS)
            bad[name] = values[len(known) % len(values)]
            known[name] = len(known)
        typed = [name for name in bad if form.fields[name].kind != "submit"]
        self._refused = set()
        if len(typed) > 1:
            yield "none of them", {name: some for name, some in good.items() if name not in typed}
        for name in [one for one in bad if one not in self._refused]:
            yield f"no {name}", {one: some for one, some in good.items() if one != name}
        small = {name: [bad[name]] for name in typed if len(bad[name]) <= MAX_TOGETHER}
        self._refused = set()
        if len(small) > 1:
            yield "all of them", good | small
        for name in [one for one in bad if one not in self._refused]:
            yield f"{name}={bad[name][:12]!r}", good | {name: [bad[name]]}


def list_refused_fields(answer: HttpResponse) -> Iterator[str]:
    """Those of forms whose complaints are all to be read on the page."""
    page = answer.content.decode()
    contexts = getattr(answer, "context", None) or ()
    values = [value for context in contexts for one in context.dicts for value in one.values()]
    shown = [getattr(value, "form", value) for value in values]
    for form in {id(one): one for one in shown if isinstance(one, BaseForm) and one.is_bound}.values():
        for name, errors in form.errors.items():
            if errors and all(conditional_escape(str(error)) in page for error in errors):
                yield form.add_prefix(name)


def _generate_hostile_forms(form: Form, good: Values) -> Iterator[tuple[str, Values]]:
    yield "nothing", {}
    yield "all twice", {name: values * 2 for name, values in good.items()}
    yield "many more", good | {"more": ["1"] * 10_000}
    if many := next((name for name in good if len(form.fields[name].values) > 1), None):
        share = MAX_FIELDS - 1 - sum(map(len, good.values()))
        yield f"{many} thousands of times", good | {many: [str(number) for number in range(share)]}


def post_form(client: Client, address: str, values: Values, raw: bytes = b"") -> HttpResponse:
    """As a browser sends it, with a token; `raw` stands for the value of each field."""
    pairs = [("csrfmiddlewaretoken", "t"), *((name, one) for name, some in values.items() for one in some)]
    told = (f"{quote_plus(name)}={'' if raw else quote_plus(one)}".encode() + raw for name, one in pairs)
    kind = "application/x-www-form-urlencoded"
    answer = client.generic("POST", address, b"&".join(told), content_type=kind)
    assert isinstance(answer, HttpResponse)
    return answer
