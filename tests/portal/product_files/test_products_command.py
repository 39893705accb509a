"""`manage.py products`: export, plan and apply as a person, with exit codes for scripts."""

import shlex
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from catalog.products.models import DataProduct
from catalog.revisions.models import ProductRevision
from demo.bootstrap import ROOT
from portal.management.commands.products import Command
from tests import factories
from tests.bank import Bank
from tests.docs.pages import read_section
from tests.product_files import dump, export_changed, export_data
from tests.products import make_other_table

SUMMARY = "Claims of every line, each night."


LINES = [
    line
    for line in read_section(ROOT / "docs" / "products.md", "Files").splitlines()
    if "manage.py products" in line
]


@pytest.mark.parametrize("line", LINES)
def test_the_lines_of_the_documentation_are_understood(line: str) -> None:
    words = shlex.split(line.partition("manage.py products ")[2])
    found = Command().create_parser("manage.py", "products").parse_args(words)
    assert found.verb == words[0]


def run(*arguments: Any) -> tuple[int, str, str]:
    """Exit code, output and errors."""
    out, errors, code = StringIO(), StringIO(), 0
    try:
        call_command("products", *map(str, arguments), stdout=out, stderr=errors)
    except SystemExit as end:
        code = int(str(end.code))
    return code, out.getvalue(), errors.getvalue()


def test_everything_is_exported_and_nothing_has_to_change(bank: Bank, tmp_path: Path) -> None:
    other = factories.make_product(bank.domain, bank.ines, [bank.claims], "Others")
    for kind, ending in (("odcs", "odcs.yaml"), ("odps", "odps.yaml")):
        code, out, _errors = run("export", "--as", bank.ines.email, "--out", tmp_path, "--format", kind)
        files = [tmp_path / f"{product.slug}.{ending}" for product in (bank.product, other)]
        assert (code, sorted(out.split())) == (0, sorted(map(str, files)))
        code, out, errors = run("plan", *files, "--as", bank.ines.email)
        assert (code, errors, out.count("nothing to change")) == (0, "", 2)


def test_one_product_is_written_to_the_output(bank: Bank) -> None:
    arguments = ("export", "--as", bank.ines.email, "--product", bank.product.slug)
    assert yaml.safe_load(run(*arguments)[1])["id"] == bank.product.slug
    assert '"dprod:DataProduct"' in run(*arguments, "--format", "dprod")[1]
    factories.make_product(bank.domain, bank.ines, [], "Others")
    with pytest.raises(CommandError, match="name one product"):
        run("export", "--as", bank.ines.email)
    DataProduct.objects.filter(pk=bank.product.pk).update(seen_by="domain", requested_by="domain")
    with pytest.raises(CommandError, match="there is no product"):
        run("export", "--as", bank.ana.email, "--product", bank.product.slug)


def test_a_plan_is_shown_and_applied(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "claims.odcs.yaml"
    file.write_text(export_changed(bank.ines, bank.product.slug, summary=SUMMARY), encoding="utf-8")
    code, out, _errors = run("plan", file, "--as", bank.ines.email)
    assert code == 2
    assert f"    - Every claim.\n    + {SUMMARY}\n  becomes version 1.0.1\n" in out
    code, _out, errors = run("apply", file, "--as", bank.ines.email)
    assert (code, "say --yes" in errors, ProductRevision.objects.count()) == (1, True, 0)
    code, out, _errors = run("apply", file, "--as", bank.ines.email, "--yes", "--note", "Say when.")
    assert (code, f"{bank.product.slug} is published" in out) == (0, True)
    assert DataProduct.objects.get(pk=bank.product.pk).summary == SUMMARY
    assert run("apply", file, "--as", bank.ines.email, "--yes")[0] == 0
    assert ProductRevision.objects.get().note == "Say when."


def test_drift_alone_counts_as_a_difference(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "claims.odcs.yaml"
    data = {**export_data(bank.ines, bank.product.slug), "version": "7.0.0", "tenant": "Bank"}
    file.write_text(dump(data))
    code, out, _errors = run("plan", file, "--as", bank.ines.email)
    assert code == 2
    assert "drift, line 5: Version: the file says “7.0.0”, the portal “1.0.0”." in out
    assert "not kept, line" in out


def test_an_error_in_one_file_stops_no_other(bank: Bank, tmp_path: Path) -> None:
    bad, good, missing = tmp_path / "bad.yaml", tmp_path / "good.yaml", tmp_path / "missing.yaml"
    bad.write_text("kind: [")
    good.write_text(export_changed(bank.ines, bank.product.slug, summary=SUMMARY))
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe")
    code, _out, errors = run("apply", bad, missing, binary, tmp_path, good, "--as", bank.ines.email, "--yes")
    assert code == 1
    assert DataProduct.objects.get(pk=bank.product.pk).summary == SUMMARY
    for file in (bad, missing, binary, tmp_path):
        assert f"{file}: " in errors


def test_a_breaking_change_needs_a_word(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    data = export_data(bank.ines, bank.product.slug)
    table = {**data["schema"][0], "name": "policies", "physicalName": str(make_other_table(bank))}
    file.write_text(dump({**data, "schema": [table]}))
    code, out, errors = run("apply", file, "--as", bank.ines.email, "--yes")
    assert (code, "breaks queries: insurance_gold.claims is removed." in out) == (1, True)
    assert "Confirm it" in errors
    assert run("apply", file, "--as", bank.ines.email, "--yes", "--accept-breaking")[0] == 0


def test_it_does_for_nobody_what_they_may_not(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "claims.yaml"
    file.write_text(export_changed(bank.ines, bank.product.slug, summary=SUMMARY))
    for person in (bank.ana, bank.greta, bank.sam):
        code, _out, errors = run("apply", file, "--as", person.email, "--yes")
        assert (code, "no such product that you can edit" in errors) == (1, True)
    with pytest.raises(CommandError, match="there is nobody"):
        run("plan", file, "--as", "nobody@bank.example")
    assert not ProductRevision.objects.exists()
