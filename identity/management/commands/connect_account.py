"""`manage.py connect_account`: what the page *Accounts* does, in two calls: propose, then look and register."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.connections import (
    AccountConnection,
    AccountProposal,
    propose_account,
    register_account,
    request_checkup,
)
from identity.keys import normalize_account_id
from identity.people.models import Person, Team
from kernel import clock
from kernel.errors import ForbiddenError, RefusedError

POLL_SECONDS = 0.2


class Command(BaseCommand):
    help = (
        "Starts to connect an account and prints what its stack needs, as NAME=VALUE. With --look the workers check "
        "it, and it is connected if nothing is missing. Exit code 1 when something is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("account", help="its twelve digits")
        parser.add_argument("--as", dest="email", required=True, help="the governance admin who connects it")
        parser.add_argument("--look", action="store_true", help="once its roles are created")
        parser.add_argument(
            "--wait", type=float, default=120.0, metavar="SECONDS", help="to have the workers check it"
        )
        parser.add_argument("--name", default="")
        parser.add_argument("--team", default="", metavar="SLUG", help="that is responsible for it")
        parser.add_argument("--region", default="", help="Region for resource links.")
        parser.add_argument("--grants", action="store_true", help="owns a catalog that other accounts read")
        parser.add_argument("--outside", action="store_true", help="is outside our AWS organisation")
        parser.add_argument("--sandbox", action="store_true")

    def handle(self, *_args: Any, **options: Any) -> None:
        person = Person.objects.filter(email=options["email"]).first()
        if person is None:
            raise CommandError(f"nobody has the e-mail {options['email']}")
        try:
            if options["look"]:
                self._check_and_register(person, options["account"], options["wait"])
            else:
                self._propose(person, options)
        except (ForbiddenError, RefusedError) as error:
            raise CommandError(str(error)) from error

    def _propose(self, person: Person, options: dict[str, Any]) -> None:
        team = Team.objects.filter(slug=options["team"]).first()
        proposal = AccountProposal(
            account_id=options["account"],
            name=options["name"],
            region=options["region"],
            team_id=team.pk if team else 0,
            grants=options["grants"],
            in_organisation=not options["outside"],
            environment="sandbox" if options["sandbox"] else "production",
        )
        made = propose_account(acting_user=person, proposal=proposal, now=clock.now())
        self.stdout.write(f"ExternalId={made.external_id}")

    def _check_and_register(self, person: Person, account: str, seconds: float) -> None:
        connection = AccountConnection.objects.filter(account_id=normalize_account_id(account)).first()
        if connection is None:
            raise CommandError(f"account {account} has not been started yet")
        asked = request_checkup(acting_user=person, connection_id=connection.pk, now=clock.now())
        until = time.monotonic() + seconds
        while asked.finished_at is None:
            if time.monotonic() > until:
                raise CommandError("no worker has checked it: are the workers running?")
            time.sleep(POLL_SECONDS)
            asked.refresh_from_db()
        checkup = asked
        for finding in checkup.findings:
            self.stdout.write(f"{finding['kind']}: {finding['text']}\n  {finding['remedy']}")
        register_account(acting_user=person, connection_id=connection.pk, now=clock.now())
        self.stdout.write(f"{connection} is connected")
