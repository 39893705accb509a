"""Values that no person types, by the kind of the field, and forms sent with them."""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote_plus

from django.http import HttpResponse
from django.test import Client

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


def generate_hostile_values(form: Form, good: Values, known: dict[str, int]) -> Iterator[tuple[str, Values]]:
    """What was done to it, and what is sent. Of the values for a kind each field meets another one: all of them would
    take minutes. `known` are fields of the same view that were attacked before, with their place.
    """
    if not any(name in known for name in good):
        yield from _generate_hostile_forms(form, good)
    for name in good:
        if name in known:
            continue
        values = HOSTILE_BY_KIND.get(form.fields[name].kind, HOSTILE_IDS)
        value = values[len(known) % len(values)]
        known[name] = len(known)
        yield f"no {name}", {one: some for one, some in good.items() if one != name}
        yield f"{name}={value[:12]!r}", good | {name: [value]}


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
