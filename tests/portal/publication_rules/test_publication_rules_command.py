"""`manage.py publication_rules`: the same rules, written out, compared, put in force on somebody's word."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.publication_rules.models import PublicationRules
from catalog.publication_rules.queries import get_rules_in_force
from catalog.publication_rules.rules import Rules, format_rules_yaml, parse_rules_yaml
from kernel.errors import RefusedError
from tests.bank import Bank
from tests.publication_rules import save

RULES = "own_tables: true\ndescription_words: 20\ntiers: [gold]\n"


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("publication_rules", *map(str, arguments), stdout=out)
    return out.getvalue()


def write(tmp_path: Path, text: str = RULES) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(text)
    return file


def test_a_file_is_checked_applied_and_written_out_again(bank: Bank, tmp_path: Path) -> None:
    file, me = write(tmp_path), ("--as", bank.greta.email)
    checked = run(*me, "--check", file)
    assert "+ description_words: 20" in checked
    assert "published products that would not meet these rules: 1" in checked
    assert f"{bank.product.slug}: " in checked
    assert not PublicationRules.objects.exists()
    assert "version 1 is in force" in run(*me, "--apply", file, "--note", "Everybody explains.")
    assert get_rules_in_force() == Rules(own_tables=True, description_words=20, tiers=("gold",))
    exported = write(tmp_path, run(*me, "--export"))
    assert "+ " not in run(*me, "--check", exported)
    assert "in force already" in run(*me, "--apply", exported, "--note", "Again.")
    assert PublicationRules.objects.count() == 1


def test_it_does_for_nobody_what_they_may_not(bank: Bank, tmp_path: Path) -> None:
    file = write(tmp_path)
    for email, said in [(bank.ines.email, "governance admin"), ("nobody@bank.example", "there is nobody")]:
        with pytest.raises(CommandError, match=said):
            run("--as", email, "--apply", file, "--note", "Mine.")
    with pytest.raises(CommandError, match="Say what changes"):
        run("--as", bank.greta.email, "--apply", file)
    assert get_rules_in_force() == Rules()


def test_a_draft_of_somebody_is_not_replaced(bank: Bank, tmp_path: Path) -> None:
    draft = save(bank.greta)
    with pytest.raises(CommandError, match="there is a draft, version 1"):
        run("--as", bank.greta.email, "--apply", write(tmp_path), "--note", "Mine.")
    draft.refresh_from_db()
    assert (draft.state, draft.edit) == ("draft", 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- own_tables", "one rule per line"),
        ("own_table: true", "There is no rule own_table"),
        ("own_tables: 1", "must be true or false"),
        ("description_words: many", "must be a whole number"),
        ("description_words: true", "must be a whole number"),
        ("description_words: -1", "from 0 to"),
        ("tiers: gold", "must be a list of names"),
        ("tiers: [platinum]", "Choose from the list"),
        ("own_tables: true\nown_tables: false", "not valid YAML"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_file_that_is_not_rules_is_refused(text: str, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        parse_rules_yaml(text)


def test_what_is_written_is_read_as_the_same() -> None:
    rules = Rules(active_owner=True, required_fields=("terms", "keywords"), tiers=("silver", "gold"))
    assert parse_rules_yaml(format_rules_yaml(rules)) == rules
    assert parse_rules_yaml("") == Rules()
