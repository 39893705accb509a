"""`manage.py declare`: teams, people, catalogs, domains and products from a file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from audit import clock
from catalog.declarations import DeclarationContext, DeclarationError, declare
from identity.connections.may import may_connect_accounts
from identity.people.models import Person

PASSWORD_VARIABLE = "MESHMARKET_FIRST_PASSWORD"  # noqa: S105 - the name of a variable


class Command(BaseCommand):
    help = (
        "Creates the teams, people, catalogs, domains and products of a YAML file, all or nothing. Existing ones stay "
        f"as they are. New people sign in with {PASSWORD_VARIABLE}, if it is set."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--as", dest="email", required=True, help="the superuser or governance admin who acts"
        )

    def handle(self, *_args: Any, file: Path, email: str, **_options: Any) -> None:
        person = Person.objects.filter(email=email).first()
        if person is None or not (person.is_active and (person.is_superuser or may_connect_accounts(person))):
            raise CommandError(f"{email} is neither a superuser nor a governance admin")
        try:
            password = _read_password()
            made = declare(
                DeclarationContext(person, clock.now(), password), yaml.safe_load(file.read_text())
            )
        except (OSError, yaml.YAMLError, DeclarationError) as error:
            raise CommandError(f"{file}: {error}") from error
        for line in made:
            self.stdout.write(line)
        self.stdout.write(f"{len(made)} made")


def _read_password() -> str:
    found = os.environ.get(PASSWORD_VARIABLE, "")
    try:
        if found:
            validate_password(found)
    except ValidationError as error:
        raise CommandError(f"{PASSWORD_VARIABLE}: {' '.join(error.messages)}") from error
    return found
