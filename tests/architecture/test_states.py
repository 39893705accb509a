"""One module gives states their colours: no other module and no template does."""

import ast
import re
from pathlib import Path

import pytest

from demo.bootstrap import ROOT
from requests_app.display_states.vocabulary import Tone
from tests.architecture.source import format_location, list_files, list_nodes

VOCABULARY = ROOT / "requests_app" / "display_states" / "vocabulary.py"
TONES = {tone.value for tone in Tone}
PRESENTERS = ("portal", "requests_app", "fulfilment", "catalog", "identity", "workers", "demo")
TEMPLATES = ROOT / "templates"
CHIPS = {"state.html", "mark.html"}
"""The two components that draw a chip."""
CLASSES = re.compile(r'class="((?:[^"{]|\{%.*?%\}|\{\{.*?\}\})*)"')
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}")
GIVEN = re.compile(r"""\{%[^%]*\b(?:kind|tone)=["']?(\w+)[^%]*%\}""")
MESSAGE = "components/callout.html"
"""A message has a level of its own: error, warning, note, done."""


def find_tone_literals(file: Path) -> list[str]:
    return [
        f"{format_location(file, node)} {node.value!r}"
        for node in list_nodes(file)
        if isinstance(node, ast.Constant) and node.value in TONES
    ]


def test_no_other_module_names_a_tone() -> None:
    wrong = [
        line
        for file in list_files(*PRESENTERS)
        if file != VOCABULARY and file != ROOT / "demo" / "pages" / "style_guide.py"
        for line in find_tone_literals(file)
    ]
    assert not wrong, "\n".join(wrong)


def find_coloured(text: str) -> list[str]:
    """Class attributes and arguments of components that name a tone, messages apart."""
    classes = [one for one in CLASSES.findall(text) if TONES & set(TAGS.sub(" ", one).split())]
    given = [found.group(0) for found in GIVEN.finditer(text) if found.group(1) in TONES]
    return [*(one for one in classes if "callout" not in one), *(one for one in given if MESSAGE not in one)]


def test_no_template_gives_a_state_a_colour() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {part[:90]}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for part in find_coloured(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


def test_two_components_draw_chips() -> None:
    drawing = {
        path.name for path in TEMPLATES.rglob("*.html") if 'class="chip' in path.read_text(encoding="utf-8")
    }
    assert drawing == CHIPS


@pytest.mark.parametrize(
    "wrong",
    [
        '{% cached_include "components/chip.html" kind="green" word=word %}',
        '<span class="chip amber">',
        '<li class="{% if level.mark == "met" %}green{% else %}grey{% endif %}">',
    ],
)
def test_a_colour_in_a_template_is_found(wrong: str) -> None:
    assert find_coloured(wrong)


def test_a_tone_in_a_module_is_found(tmp_path: Path) -> None:
    tree = ast.parse('CHIPS = {"missing": "red"}')
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in TONES]
    assert len(found) == 1
