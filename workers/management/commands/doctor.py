"""`manage.py doctor`: reads how the accounts of the mesh are set up, and tells of each check what it found."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from identity.accounts import Account
from lakeformation.checkup import BLOCKING_KINDS, Check, CheckState, list_checks
from workers.accounts.checkup import check_mocklake, read_account

KIND_TEXTS = {
    "missing": "missing",
    "unknown": "not readable",
    "bypass": "bypass",
    "advice": "to know",
}
PLATFORM = "AWS of the workers"
STATE_PREFIXES = {
    CheckState.OK: "",
    CheckState.ATTENTION: "Not true: ",
    CheckState.UNKNOWN: "Could not be told: ",
}
ENDPOINT_PLACE = {"account": "", "region": ""}


class Command(BaseCommand):
    help = (
        "Checks how accounts are set up, without writing to AWS. Each check is ok, needs attention or is unknown; below it "
        "stands what is missing or bypasses the portal. Exit code 1 when something is missing or cannot be read."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "accounts", nargs="*", metavar="ACCOUNT", help="account ids; all when none is given"
        )
        parser.add_argument(
            "--json", action="store_true", help="one finding or healthy check per line, as JSON"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        accounts = _list_account_regions(options["accounts"])
        told: list[Check] = []
        if endpoint := check_mocklake():
            self._tell(PLATFORM, ENDPOINT_PLACE, [endpoint], as_json=options["json"])
            told.append(endpoint)
        for account, region in accounts:
            checks = list_checks(read_account(account, region))
            place = {"account": account.account_id, "region": region}
            self._tell(f"{account}, {region}", place, checks, as_json=options["json"])
            told += checks
        if not options["json"]:
            counts = {state: sum(check.state is state for check in told) for state in CheckState}
            totals = ", ".join(
                f"{count} {state}" for state, count in counts.items() if count or state is CheckState.OK
            )
            self.stdout.write(totals)
        if wrong := sum(finding.kind in BLOCKING_KINDS for check in told for finding in check.findings):
            raise CommandError(f"{wrong} of these must be fixed before decisions can be applied")

    def _tell(self, title: str, place: Mapping[str, str], checks: Sequence[Check], *, as_json: bool) -> None:
        lines = _format_json(place, checks) if as_json else _format_text(title, checks)
        for line in lines:
            self.stdout.write(line)


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


def _format_text(title: str, checks: Sequence[Check]) -> Iterator[str]:
    yield f"{title}:"
    for check in checks:
        yield f"  {check.state:>12}  {STATE_PREFIXES[check.state]}{check.text}"
        for finding in check.findings:
            yield f"{'':>14}  {KIND_TEXTS[finding.kind]}: {finding.text}"
            yield f"{'':>14}  {finding.remedy}"


def _format_json(place: Mapping[str, str], checks: Sequence[Check]) -> Iterator[str]:
    """A line for each finding, and one for each check without any, whose kind is its state."""
    for check in checks:
        common = {**place, "check": check.code, "state": check.state}
        for finding in check.findings:
            yield json.dumps({**common, **vars(finding)})
        if not check.findings:
            yield json.dumps(
                {**common, "kind": check.state, "code": check.code, "text": check.text, "remedy": ""}
            )
