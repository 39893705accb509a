"""`manage.py publication_rules`: export, check and apply the publication rules as YAML."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.publication_rules.actions import (
    may_save_publication_rules,
    put_publication_rules_in_force,
    save_publication_rules,
)
from catalog.publication_rules.queries import (
    check_products,
    compute_rules_digest,
    get_rules_draft,
    get_rules_in_force,
)
from catalog.publication_rules.rules import Rules, format_rules_yaml, parse_rules_yaml
from identity.people.models import Person
from identity.people.queries import get_acting_person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, RefusedError, require_allowed
from kernel.text import compare_lines

REFUSALS = (OSError, UnicodeDecodeError, RefusedError, ForbiddenError, IllegalTransitionError)


class Command(BaseCommand):
    help = (
        "What every data product must meet before it is published, as YAML. --export writes the rules in force; --check "
        "compares a file with them and lists the published products that would not meet it; --apply puts the file in "
        "force, if the person could on the page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="the person who acts, or who views")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--export", action="store_true")
        what.add_argument("--check", type=Path, metavar="FILE")
        what.add_argument("--apply", type=Path, metavar="FILE")
        parser.add_argument("--note", default="", help="with --apply: what changes, and why")

    def handle(self, *_args: Any, email: str, export: bool, note: str, **files: Path | None) -> None:
        person = get_acting_person(email)
        try:
            require_allowed(may_save_publication_rules(person))
            if export:
                self.stdout.write(format_rules_yaml(get_rules_in_force()), ending="")
            elif file := files["check"] or files["apply"]:
                self._handle_file(person, file, note, applies=files["apply"] is not None)
        except REFUSALS as error:
            raise CommandError(str(error)) from error

    def _handle_file(self, person: Person, file: Path, note: str, *, applies: bool) -> None:
        rules, before = parse_rules_yaml(file.read_text(encoding="utf-8")), get_rules_in_force()
        self._show(before, rules)
        if not applies:
            return
        if rules == before:
            self.stdout.write("these rules are in force already")
            return
        if draft := get_rules_draft():
            words = (
                f"there is a draft, version {draft.number}: put it in force or discard it on the page first"
            )
            raise CommandError(words)
        based_on = compute_rules_digest()
        save_publication_rules(acting_user=person, rules=rules, note=note, based_on=based_on, now=clock.now())
        row = put_publication_rules_in_force(
            acting_user=person, shown=compute_rules_digest(), now=clock.now()
        )
        self.stdout.write(f"version {row.number} is in force")

    def _show(self, before: Rules, after: Rules) -> None:
        for line in compare_lines(
            format_rules_yaml(before).splitlines(), format_rules_yaml(after).splitlines()
        ):
            self.stdout.write(f"{line.sign or ' '} {line.text}")
        failing = [one for one in check_products(after) if one.failures]
        self.stdout.write(f"published products that would not meet these rules: {len(failing)}")
        for one in failing:
            problems = " ".join(failure.problem for failure in one.failures)
            self.stdout.write(f"{one.product.slug}: {problems}")
