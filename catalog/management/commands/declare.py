"""`manage.py declare`: teams, people, catalogs, domains and products from a file."""

import os
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from catalog.declarations import DeclarationContext, DeclarationError, FileRow, declare, describe_lengths
from identity.connections import may_connect_accounts
from identity.people.models import Person
from kernel import clock

PASSWORD_VARIABLE = "MESHMARKET_FIRST_PASSWORD"  # noqa: S105 - the name of a variable


class RowLoader(yaml.SafeLoader):
    """Keeps the line of each mapping."""


def _construct_row(loader: RowLoader, node: yaml.MappingNode) -> Iterator[FileRow]:
    row = FileRow()
    row.line = node.start_mark.line + 1
    yield row
    row.update(loader.construct_mapping(node))


RowLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_row)


class Command(BaseCommand):
    help = (
        "Creates the teams, people, catalogs, domains and products of a YAML file, all or nothing. Existing ones stay "
        f"as they are. New people sign in with {PASSWORD_VARIABLE}, if it is set. Longest values, "
        f"in characters: {describe_lengths()}."
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
            password = os.environ.get(PASSWORD_VARIABLE, "")
            try:
                if password:
                    validate_password(password)
            except ValidationError as error:
                raise CommandError(f"{PASSWORD_VARIABLE}: {' '.join(error.messages)}") from error
            made = declare(DeclarationContext(person, clock.now(), password), _read_document(file))
        except (OSError, yaml.YAMLError, DeclarationError) as error:
            raise CommandError(f"{file}: {error}") from error
        for line in made:
            self.stdout.write(line)
        self.stdout.write(f"{len(made)} made")


def _read_document(file: Path) -> Any:
    return yaml.load(file.read_text(), RowLoader)  # noqa: S506 - a safe loader
