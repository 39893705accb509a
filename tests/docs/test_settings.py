"""docs/settings.md and the code name the same variables, with the same defaults."""

from tests.docs.environment import defaults, explained, read

OF_DJANGO = {"DJANGO_SETTINGS_MODULE"}


def test_every_variable_that_is_read_is_explained() -> None:
    assert read() - set(explained()) == set()


def test_every_variable_that_is_explained_is_read() -> None:
    assert set(explained()) - read() - OF_DJANGO == set()


def test_the_defaults_are_those_of_the_code() -> None:
    given = defaults()
    assert len(given) > 15
    assert {name: explained()[name] for name in given} == given
