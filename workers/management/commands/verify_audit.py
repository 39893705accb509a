"""`manage.py verify_audit`: verify the whole audit chain now."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from workers.housekeeping.audit_verification import verify_all


class Command(BaseCommand):
    help = "Verifies every event and link of the audit chain. Exit code 1 when verification fails."

    def handle(self, *_args: Any, **_options: Any) -> None:
        outcome = verify_all()
        for problem in outcome.left:
            self.stderr.write(str(problem))
        if outcome.left:
            raise CommandError(f"The audit chain is broken; {outcome.links} links were read.")
        self.stdout.write(f"The audit chain is intact: {outcome.links} links were verified.")
