"""What is judged of a page that was rendered for one reader: each judge yields what is wrong with it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.utils import translation

from identity.people.models import Person
from requests_app.display_states.vocabulary import APPEARANCES, LABELS
from tests.catalog.discovery.sample_people import WORDS

OK = 200
PRIVATE = "private, no-store"
ENGLISH_WORDS = re.compile(r"\b(the|of|to|is|are|for|with|and|no|until|your|you|from|has|been)\b")
SPOKEN = {"title", "alt", "placeholder", "aria-label", "data-label"}
NOT_READ = {"script", "style", "code", "pre", "textarea", "svg"}
VOID = {"br", "hr", "img", "input", "link", "meta", "wbr"}
NOT_TRANSLATED = ("/demo/",)
OPEN_TO_ALL = ("/demo/",)
"""The tour and the levers name everything that the demo has."""
WRITTEN_BY_PEOPLE = {
    "3 of 40 rows",
    "Only sums by month leave the table.",
    "Name the source.",
    "Claims of every line, each night.",
    "It is wrong.",
    "A demand to be paid for a loss.",
    "Policies for the whole group.",
    "The nightly load adds the day's claims.",
    "one for each policy",
    "It is final.",
    "Amounts are negative",
    "Amounts are negative · Meshmarket",
    "Amounts are in EUR",
    "Amounts are in EUR · Meshmarket",
    "Is the amount in EUR?",
    "Is the amount in EUR? · Meshmarket",
    "Since Monday.",
}


@dataclass(frozen=True)
class Rendering:
    """The answer to `link` on `page`, after redirects; `hides_product` where the reader may not see the hidden one."""

    reader: Person
    page: str
    link: str
    answer: Any
    language: str
    hides_product: bool

    @property
    def is_page(self) -> bool:
        return str(self.answer.headers["Content-Type"]).startswith("text/html")

    @property
    def text(self) -> str:
        return str(self.answer.getvalue().decode(errors="replace"))


class PageTexts(HTMLParser):
    """Texts and spoken attributes of a page, outside code and what is marked as English."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if (
            tag in NOT_READ or (dict(attrs).get("lang") or "").startswith("en") or self._skipped
        ) and tag not in VOID:
            self._skipped.append(tag)
            return
        self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipped:
            del self._skipped[self._skipped.index(tag) :]

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.texts.append(data.strip())


def read_texts(html: str) -> set[str]:
    parser = PageTexts()
    parser.feed(html)
    return {text for text in parser.texts if text}


def judge_status(rendering: Rendering) -> Iterator[str]:
    """Whoever reads a page may open what it links to."""
    if rendering.answer.status_code != OK:
        yield f"dead link: {rendering.answer.status_code}"


def judge_caching(rendering: Rendering) -> Iterator[str]:
    """What a person is shown is kept by no browser and no proxy."""
    if rendering.answer.get("Cache-Control") != PRIVATE:
        yield f"kept by caches: {rendering.answer.get('Cache-Control')}"


def judge_language(rendering: Rendering) -> Iterator[str]:
    """Nothing on a page in German is left in English."""
    if rendering.language == "de" and rendering.is_page and not rendering.link.startswith(NOT_TRANSLATED):
        for text in sorted(read_texts(rendering.text) - WRITTEN_BY_PEOPLE):
            if ENGLISH_WORDS.search(text):
                yield f"English on a page in German: {text}"


class PageChips(HTMLParser):
    """Of each chip, its classes and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.chips: list[tuple[frozenset[str], list[str]]] = []
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = frozenset((dict(attrs).get("class") or "").split())
        if self._depth:
            self._depth += tag not in VOID
        elif "chip" in classes:
            self.chips.append((classes, []))
            self._depth = 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= bool(self._depth) and tag not in VOID

    def handle_data(self, data: str) -> None:
        if self._depth and data.strip():
            self.chips[-1][1].append(" ".join(data.split()))


OTHER_WORDS_FOR_STATES = re.compile(
    r"wait(s|ing) for (a decision|approval)|pending|provisioning|under review",
    re.IGNORECASE,
)


def judge_states(rendering: Rendering) -> Iterator[str]:
    """A state has one word and one color, and no other chip says it in words of its own."""
    if not rendering.is_page or rendering.link.startswith(NOT_TRANSLATED):
        return
    parser = PageChips()
    parser.feed(rendering.text)
    with translation.override(rendering.language):
        labels = {f"is-{state}": (str(label), APPEARANCES[state].tone) for state, label in LABELS.items()}
    for classes, words in parser.chips:
        said, text = classes & labels.keys(), " ".join(words)
        if not said and OTHER_WORDS_FOR_STATES.search(text):
            yield f"a state in other words: {text}"
        for name in said:
            label, tone = labels[name]
            if text != label or tone not in classes:
                yield f"the state {name} as {text!r} in {sorted(classes)}"


def judge_hidden_names(rendering: Rendering) -> Iterator[str]:
    """A product that a person may not see is named nowhere."""
    if rendering.hides_product and not rendering.link.startswith(OPEN_TO_ALL):
        body = rendering.text.lower()
        yield from (f"names what is hidden: {word}" for word in WORDS[:3] if word in body)


JUDGES: tuple[Callable[[Rendering], Iterator[str]], ...] = (
    judge_status,
    judge_caching,
    judge_language,
    judge_states,
    judge_hidden_names,
)


def find_defects(rendering: Rendering) -> Iterator[str]:
    """Names the reader, the page with the link, the link and the judge."""
    for judge in JUDGES:
        for defect in judge(rendering):
            place = f"{rendering.reader.name}: {rendering.page} -> {rendering.link}"
            yield f"{place}: {defect} ({judge.__name__})"
