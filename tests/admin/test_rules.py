"""A version of rules in the administration pages: its YAML, the diff that the rules' own page shows, the way there."""

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.policies.models import PolicyVersion
from tests.admin.test_rows_nobody_edits import build_address
from tests.bank import Bank
from tests.requests_app.policy_setup import publish_rules

SHORT = {"name": "short", "when": {"classification": ["private"]}, "then": {"most_days": 30}}


@pytest.mark.parametrize("everywhere", [True, False])
def test_a_version_shows_its_yaml_and_what_it_changed(
    client: Client, bank: Bank, *, everywhere: bool
) -> None:
    publish_rules(bank, SHORT, everywhere=everywhere)
    second = publish_rules(bank, {**SHORT, "then": {"most_days": 9}}, everywhere=everywhere)
    client.force_login(bank.greta)
    page = client.get(build_address(PolicyVersion, "change", second.pk)).content.decode()
    assert "- name: short\n  when:\n    classification:\n    - private\n  then:\n    most_days: 9" in page
    assert "-     most_days: 30\n+     most_days: 9" in page
    there = reverse("policy", args=["global" if everywhere else bank.domain.slug])
    assert f'href="{there}"' in page
    assert f'href="{there}"' in client.get(build_address(PolicyVersion, "changelist")).content.decode()


def test_rules_are_text_there(client: Client, bank: Bank) -> None:
    version = publish_rules(bank, {"name": "loud", "then": {"refused": "<script>alert(1)</script>"}})
    client.force_login(bank.greta)
    page = client.get(build_address(PolicyVersion, "change", version.pk)).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
