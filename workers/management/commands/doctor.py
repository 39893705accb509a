"""`manage.py doctor`: reads how the accounts of the mesh are set up and names what is missing."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.accounts.models import Account
from lakeformation.checkup.findings import BLOCKING_KINDS, Finding
from workers.accounts.checkup import check_account
from workers.accounts.mocklake_health import check_mocklake

KIND_TEXTS = {
    "missing": "missing",
    "unknown": "not readable",
    "bypass": "bypass",
    "advice": "to know",
}


class Command(BaseCommand):
    help = (
        "Checks how accounts are set up, without writing to AWS, and lists what is missing and what bypasses it. "
        "Exit code 1 when something is missing or cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "accounts", nargs="*", metavar="ACCOUNT", help="account ids; all when none is given"
        )
        parser.add_argument("--json", action="store_true", help="one finding per line, as JSON")

    def handle(self, *_args: Any, **options: Any) -> None:
        accounts = _list_account_regions(options["accounts"])
        wrong = self._check_endpoint(as_json=options["json"])
        for account, region in accounts:
            findings = check_account(account, region)
            wrong += sum(finding.kind in BLOCKING_KINDS for finding in findings)
            for line in (
                _format_json(account, region, findings)
                if options["json"]
                else _format_text(account, region, findings)
            ):
                self.stdout.write(line)
        if wrong:
            raise CommandError(f"{wrong} of these must be fixed before decisions can be applied")

    def _check_endpoint(self, *, as_json: bool) -> int:
        """1 when the endpoint of all accounts is a mocklake that is not well."""
        finding = check_mocklake()
        if finding is None:
            return 0
        place = {"account": "", "region": ""}
        self.stdout.write(
            json.dumps({**place, **vars(finding)}) if as_json else "\n".join(_format_finding(finding))
        )
        return 1


def _list_account_regions(asked: list[str]) -> list[tuple[Account, str]]:
    """Each account in each region in which it grants or receives; CommandError for an unknown id."""
    accounts = Account.objects.prefetch_related("catalogs").order_by("account_id")
    unknown = sorted(set(asked) - set(accounts.values_list("account_id", flat=True)))
    if unknown:
        raise CommandError(f"no account {', '.join(unknown)} in the mesh")
    return [
        (account, region)
        for account in accounts
        if not asked or account.account_id in asked
        for region in sorted({account.region, *(catalog.region for catalog in account.catalogs.all())})
    ]


def _format_text(account: Account, region: str, findings: list[Finding]) -> Iterator[str]:
    yield f"{account}, {region}:{'' if findings else ' nothing missing'}"
    for finding in findings:
        yield from _format_finding(finding)


def _format_finding(finding: Finding) -> Iterator[str]:
    yield f"  {KIND_TEXTS[finding.kind]:>12}  {finding.text}"
    yield f"{'':>14}  {finding.remedy}"


def _format_json(account: Account, region: str, findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        place = {"account": account.account_id, "region": region}
        yield json.dumps({**place, **vars(finding)})
