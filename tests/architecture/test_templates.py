"""What templates name is there: other templates, the names of their contexts, the tokens of their forms."""

import re
from pathlib import Path

import pytest
from django.contrib import admin
from django.template import Context, Origin, Template

from demo.bootstrap import ROOT
from tests.template_names import list_optional_names, take_undefined_names

TEMPLATES = ROOT / "templates"
FOLDERS = (TEMPLATES, Path(admin.__file__).parent / "templates")
NAMED_IN_A_TEMPLATE = re.compile(
    r"""\{%-?\s*(?:include|extends|cached_include)\s+["']([^"'#]+)(?:#\w+)?["']"""
)
INCLUDED_ALONE = re.compile(r"""\{%\s*include\s+["']([^"'#]+)(?:#\w+)?["'][^%]*\bonly\s*%\}""")
INCLUDED = re.compile(r"""\{%\s*include\s+["']([^"'#]+)(?:#\w+)?["']""")
NAMED_IN_PYTHON = re.compile(r"""["']((?:portal|components|demo|mail)/[\w/-]+\.(?:html|txt))["']""")
MAX_LINE_LENGTH = 140
MAX_LONG_LINES, SLACK = 288, 10
"""It only gets lower."""
SOURCES = ("portal", "demo", "requests_app", "catalog", "identity", "fulfilment", "audit", "workers")


def find_names(path: Path, pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    return {(str(path.relative_to(ROOT)), name) for name in pattern.findall(path.read_text(encoding="utf-8"))}


def find_missing(names: set[tuple[str, str]]) -> set[tuple[str, str]]:
    return {
        (where, name) for where, name in names if not any((folder / name).is_file() for folder in FOLDERS)
    }


def test_every_template_that_a_template_names_is_there() -> None:
    pages = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}]
    named = set().union(*(find_names(path, NAMED_IN_A_TEMPLATE) for path in pages))
    assert len(named) > 100
    assert find_missing(named) == set()


def test_every_template_that_a_view_names_is_there() -> None:
    files = [path for folder in SOURCES for path in (ROOT / folder).rglob("*.py")]
    named = set().union(*(find_names(path, NAMED_IN_PYTHON) for path in files))
    assert len(named) > 50
    assert find_missing(named) == set()


def test_fewer_lines_are_longer_than_140_characters() -> None:
    """A tag of Django cannot be broken; anything else can."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_LINE_LENGTH
    ]
    assert len(long) <= MAX_LONG_LINES, "\n".join(long)
    assert len(long) > MAX_LONG_LINES - SLACK, f"lower the limit to {len(long)}"


def read_template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def needs_token(name: str) -> bool:
    """Of the template, or of one that it includes; some include themselves."""
    waiting, known = [name], {name}
    while waiting:
        source = read_template(waiting.pop())
        if "{% csrf_token %}" in source:
            return True
        waiting += set(INCLUDED.findall(source)) - known
        known.update(waiting)
    return False


def test_no_form_is_included_without_its_token() -> None:
    """`only` leaves the token out, and the form is refused as expired."""
    pages = list(TEMPLATES.rglob("*.html"))
    included = set().union(*(find_names(path, INCLUDED_ALONE) for path in pages))
    assert len(included) > 100
    assert [(where, name) for where, name in sorted(included) if needs_token(name)] == []


def render_in_callout(source: str) -> list[str]:
    """What is missing of a source in `components/callout.html`, whose `role` and `title` are optional."""
    origin = Origin(str(TEMPLATES / "components/callout.html"))
    Template(source, origin=origin).render(Context({"text": "Sent.", "person": None, "choices": {}}))
    return take_undefined_names()


@pytest.mark.parametrize(
    "source",
    [
        "{{ key }}", "{% if key %}{% endif %}", "{% for one in keys %}{% endfor %}", "{{ text.word }}",
        "{% with key=other %}{% endwith %}", "{{ key|default_if_none:'' }}", "{{ text.word|default:'' }}",
        "{% load i18n %}{% blocktranslate %}Key {{ key }}{% endblocktranslate %}", "{% if choices.first %}{% endif %}",
    ],
)  # fmt: skip
def test_a_name_that_the_context_lacks_is_found(source: str) -> None:
    (found,) = render_in_callout(source)
    assert found.startswith("components/callout.html: ")


@pytest.mark.parametrize(
    "source",
    [
        "{{ text }}", "{% if role %}{{ role }}{% endif %}", "{{ key|default:'' }}", "{{ person.name }}",
        "{{ choices.first|default:'' }}", "{% for one in text %}{{ one }}{{ forloop.counter }}{% endfor %}",
        "{% load i18n %}{% blocktranslate with key=text %}Key {{ key }}{% endblocktranslate %}",
    ],
)  # fmt: skip
def test_a_name_that_is_there_or_optional_is_fine(source: str) -> None:
    assert render_in_callout(source) == []


def test_every_optional_name_is_one_that_the_template_reads() -> None:
    for path in TEMPLATES.rglob("*"):
        if path.is_file() and (names := list_optional_names(path)):
            source = path.read_text(encoding="utf-8").partition("#}")[2]
            unread = [name for name in names if not re.search(rf"\b{name}\b", source)]
            assert not unread, f"{path.relative_to(ROOT)} never reads {unread}"
