"""A rule made by keyboard in the form, seen as a sentence and in the YAML; nothing is saved by it."""

import pytest

from demo.journey.verdict_roles import PRODUCER
from tests.browser.conftest import Person
from tests.browser.keyboard_user import KeyboardUser, PageFindings

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]
SENTENCE = "If the classification is sensitive, then a privacy officer must approve."
YAML = "name: sensitive-needs-privacy"


def fill_in(reader: KeyboardUser, name: str) -> None:
    reader.reach("#rule-form > summary")
    reader.press("Enter")
    reader.type_into("#id_rule-name", name)
    reader.reach("[name=condition-0-fact]")
    reader.page.keyboard.type("class")
    reader.type_into("[name=condition-0-value]", "sensitive")
    reader.type_into("[name=rule-privacy_quorum]", "1")


def test_a_rule_is_made_by_keyboard(person: Person, findings: PageFindings) -> None:
    reader = person(PRODUCER, "light")
    reader.open("policies/insurance/")
    fill_in(reader, "Sensitive")
    reader.reach("#rule-form button[value=apply]")
    reader.press("Enter")
    reader.wait_for_text("Use lowercase letters, digits and hyphens only.")
    reader.check_page()
    reader.type_into("#id_rule-name", "sensitive-needs-privacy")
    reader.reach("#rule-form button[value=apply]")
    reader.press("Enter")
    reader.wait_for_text(SENTENCE)
    reader.check_page()
    assert YAML in reader.page.locator("#id_rules").input_value()
    reader.open("policies/insurance/")
    assert SENTENCE not in reader.read_text("main")
    assert (findings.axe, findings.policy, findings.errors) == ([], [], [])
