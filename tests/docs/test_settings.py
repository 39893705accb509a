"""docs/settings.md and the code name the same variables, with the same defaults."""

from tests.docs.environment_variables import list_read_variables, parse_defaults, parse_documented_defaults

OF_DJANGO = {"DJANGO_SETTINGS_MODULE"}


def test_every_variable_that_is_read_is_explained() -> None:
    assert list_read_variables() - set(parse_documented_defaults()) == set()


def test_every_variable_that_is_explained_is_read() -> None:
    assert set(parse_documented_defaults()) - list_read_variables() - OF_DJANGO == set()


def test_the_defaults_are_those_of_the_code() -> None:
    given = parse_defaults()
    assert len(given) > 15
    assert {name: parse_documented_defaults()[name] for name in given} == given
