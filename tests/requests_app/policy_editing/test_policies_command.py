"""`manage.py policies`: the same rules, written out, compared and replayed, put in force on somebody's word."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from requests_app.policies.models import PolicyVersion
from tests.bank import Bank, submit_bank_item

RULES = "- name: two\n  then:\n    needs: [{role: owner, quorum: 2}]\n"


def run_policies_command(*arguments: object) -> str:
    out = StringIO()
    call_command("policies", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_a_file_is_checked_applied_and_written_out_again(bank: Bank, tmp_path: Path) -> None:
    item, file = submit_bank_item(bank), tmp_path / "rules.yaml"
    file.write_text(RULES)
    mine = ("--as", bank.ines.email, "--scope", bank.domain.slug)
    checked = run_policies_command(*mine, "--check", file)
    assert "+ - name: two" in checked
    assert "1 past requests: 0 automatic, 1 more escalated, 0 refused" in checked
    assert (
        f"item {item.pk}, insurance_gold.claims: Needs approval by a data owner. → Needs approval by 2 data owners."
        in checked
    )
    assert not PolicyVersion.objects.exists()
    assert "version 1 is published" in run_policies_command(
        *mine, "--apply", file, "--note", "Two look at it."
    )
    exported = tmp_path / "exported.yaml"
    exported.write_text(run_policies_command(*mine, "--export"))
    assert "+ " not in run_policies_command(*mine, "--check", exported)


def test_it_does_for_nobody_what_they_may_not(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    apply = ("--scope", bank.domain.slug, "--apply", file, "--note", "Two look at it.")
    for email, said in [
        (bank.greta.email, "Only data owners of Insurance"),
        (bank.sam.email, "there is no scope"),
        ("nobody@bank.example", "there is nobody"),
    ]:
        with pytest.raises(CommandError, match=said):
            run_policies_command("--as", email, *apply)
    assert not PolicyVersion.objects.exists()
