"""Pieces of pages are rendered once for the same, and anew for anything else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.engine import Engine
from django.utils.safestring import mark_safe
from django.utils.translation import override

from identity.people.models import Person
from portal.templatetags import cached_include

SHOWN = datetime(2026, 11, 2, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    cached_include._render_cached.cache_clear()
    yield
    cached_include._render_cached.cache_clear()


def render_chip(**given: Any) -> str:
    return Template('{% cached_include "components/mark.html" mark=mark word=word %}').render(Context(given))


def count_rendered() -> int:
    return cached_include._render_cached.cache_info().misses


def test_the_same_is_rendered_once() -> None:
    assert render_chip(mark="yes", word="Usable") == render_chip(mark="yes", word="Usable")
    assert count_rendered() == 1


def test_a_piece_sees_nothing_but_what_it_is_given() -> None:
    assert "Mallory" not in render_chip(mark="yes", word="Usable", icon="Mallory")
    assert count_rendered() == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Usable", "Present"), ("<b>", mark_safe("<b>")), (1, True), ("", None)],
    ids=["words", "marked as safe", "a number that equals", "nothing"],
)
def test_what_reads_otherwise_is_another_piece(one: object, other: object) -> None:
    assert render_chip(mark="no", word=one) != render_chip(mark="no", word=other)


def test_each_language_has_its_own() -> None:
    render_chip(mark="no", word="Usable")
    with override("de"):
        render_chip(mark="no", word="Usable")
    assert count_rendered() == 2


@dataclass(frozen=True)
class SharedValue:
    """What a page could give to a piece."""

    of: object
    at: datetime = SHOWN


@pytest.mark.parametrize(
    "value",
    [Person(pk=1), SharedValue(Person(pk=1)), (SharedValue((Person(pk=1),)),), SharedValue(mark_safe("<b>"))],
    ids=["a row", "with a row", "with a row deep within", "with a text marked as safe"],
)
def test_what_could_change_and_yet_be_equal_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="is kept by what it shows: word may hold no"):
        render_chip(mark="no", word=value)


def test_lists_are_refused_as_they_change() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        render_chip(mark="no", word=["Usable"])


def test_what_is_shown_may_be_kept_together() -> None:
    assert "SharedValue(of=" in render_chip(mark="no", word=SharedValue(("a", 1, None)))


def test_a_name_without_a_value_is_an_error_of_the_template() -> None:
    with pytest.raises(TemplateSyntaxError, match="takes names with their values"):
        Engine.get_default().from_string('{% cached_include "components/mark.html" word %}')


def test_a_picture_is_hidden_from_screen_readers() -> None:
    assert Template('{% icon "warn" %}').render(Context()).count('aria-hidden="true"') == 1
