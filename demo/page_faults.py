"""What is wrong with a page of the demo, as a browser shows it: answers, words of states, and words without a translation."""

import gettext
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.conf import settings
from django.utils import translation
from playwright.sync_api import Page

from requests_app.display_states.vocabulary import LABELS, State

SERVER_ERROR, CLIENT_ERROR = 500, 400
ANNOUNCED_STATUSES = {409, 422, 429}
"""Refusals that a page may give to what it offers, if it says why."""
ANNOUNCEMENTS = '.error:visible, [role="alert"]:visible, .toasts > :visible'
ABOUT_THE_BROWSER = re.compile(
    r"Your browser sent incomplete data|The request from your browser was|The key must have|Ihr Browser hat unvoll|Der Schlüssel muss|Die Anfrage Ihres Browsers"
)
"""Nobody who presses what a page shows is to blame for what the browser sent."""
READ_STATES = """() => [...document.querySelectorAll(".state > .chip")].map((chip) =>
  [[...chip.classList].filter((name) => name.startsWith("is-")).map((name) => name.slice(3)).join(" "), chip.textContent.trim()])"""
READ_TEXTS = """() => { const texts = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("script, style, [lang], [dir=auto], code, pre"))
    texts.add(walker.currentNode.textContent.replace(/\\s+/g, " ").trim());
  return [...texts]; }"""
REQUEST_ADDRESS = re.compile(r"/(access-requests|grants)/(\d+)/$")
LEAST_WORDS = 2
"""A single word may be a name."""


def find_status_fault(status: int, *, is_announced: bool) -> str:
    """Of an answer to a press; `is_announced` when its page says why it refuses."""
    if status >= SERVER_ERROR:
        return f"answered {status}"
    if status in ANNOUNCED_STATUSES:
        return "" if is_announced else f"answered {status} and does not say why"
    return f"answered {status}, which the page did not announce" if status >= CLIENT_ERROR else ""


def find_state_faults(states: list[list[str]], language: str) -> Iterator[str]:
    """`states` are pairs of a chip's state and its words, in the language."""
    with translation.override(language):
        words = {state.value: str(label) for state, label in LABELS.items()}
    for state, text in states:
        if state not in set(State):
            yield f"the state “{text}” is none of the vocabulary"
        elif text != words[state]:
            yield f"the state {state} is called “{text}”, not “{words[state]}”"


@cache
def read_translations() -> dict[str, str]:
    """German by English, of whole sentences without values."""
    catalog = gettext.translation("django", settings.LOCALE_PATHS[0], ["de"])
    messages: dict[Any, str] = catalog._catalog  # type: ignore[attr-defined]  # noqa: SLF001 - gettext lists them nowhere else
    return {
        key: text
        for key, text in messages.items()
        if isinstance(key, str) and "%" not in key and len(key.split()) >= LEAST_WORDS and text != key
    }


def find_untranslated(texts: list[str], language: str) -> Iterator[str]:
    """Whole texts in the other language than the page's."""
    known = read_translations()
    others = set(known) if language == "de" else set(known.values()) - set(known)
    for text in texts:
        if text in others:
            yield f"“{text}” is not in the page's language, {language}"


def find_contradiction(page: Page, fetch: Callable[[str], str]) -> str:
    """Where the page of a request or grant shows another state than the API, which reads the database. `fetch` returns JSON."""
    found = REQUEST_ADDRESS.search(page.url)
    if found is None:
        return ""
    kind, number = found.groups()
    shown: list[str] = [state for state, _text in page.evaluate(READ_STATES)]
    stored = json.loads(fetch(f"/api/v1/{kind}/{number}") or "{}").get("state")
    if not stored or not shown or stored in shown or stored not in set(State):
        return ""
    return f"shows {', '.join(sorted(set(shown)))}, while the database says {stored}"


def find_page_faults(page: Page) -> Iterator[str]:
    """Whatever its address."""
    language = (page.locator("html").get_attribute("lang") or "en").split("-")[0]
    blamed = ABOUT_THE_BROWSER.search(page.locator("body").inner_text())
    if blamed:
        yield f"blames the browser: “{blamed[0]}”"
    yield from find_state_faults(page.evaluate(READ_STATES), language)
    yield from find_untranslated(page.evaluate(READ_TEXTS), language)
