"""`manage.py trace "GET /reviews/{item}/"`: the modules, functions and statements that one request runs through."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tools.fuzz.callers import PEOPLE, seeded_bank
from tools.trace import MAIN_WAYS, UntraceableError, Way, start_as_web, trace_way

METHODS = ("GET", "POST")


class Command(BaseCommand):
    help = "Shows the modules, functions and statements that one request runs through, in the demo's bank."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "request",
            nargs="?",
            help="default: a table of the main ways, else "
            'method and address, such as "GET /reviews/{item}/"; {item}, {request}, {table} and {product}'
            " stand for a waiting request and its data",
        )
        parser.add_argument(
            "--as", dest="role", choices=PEOPLE, default="owner", help="who calls (default owner)"
        )
        parser.add_argument("--form", default="", help="page whose form is sent, for POST")
        parser.add_argument(
            "--data", action="append", default=[], metavar="NAME=VALUE", help="field of the form, repeatable"
        )
        parser.add_argument("--warm", action="store_true", help="repeat the GET, and trace the second")
        parser.add_argument("--statements", action="store_true", help="print each SQL statement")

    def handle(self, **options: Any) -> None:
        way = parse_way(options) if options["request"] else None
        try:
            with seeded_bank(lambda _line: None):
                rows = start_as_web()
                if way:
                    self.stdout.write(trace_way(way, rows).format(with_statements=options["statements"]))
                else:
                    self.print_main_ways(rows)
        except UntraceableError as error:
            raise CommandError(str(error)) from error

    def print_main_ways(self, rows: dict[str, object]) -> None:
        self.stdout.write(
            f"{'':16}{'status':>8}{'modules':>9}{'functions':>11}{'statements':>12}{'writes':>8}"
        )
        for name, way in MAIN_WAYS.items():
            trace = trace_way(way, rows)
            figures = (
                trace.status,
                len(trace.modules),
                len(trace.calls),
                len(trace.statements),
                trace.writes,
            )
            self.stdout.write(f"{name:16}{{:>8}}{{:>9}}{{:>11}}{{:>12}}{{:>8}}".format(*figures))


def parse_way(options: dict[str, Any]) -> Way:
    method, _, address = options["request"].partition(" ")
    if method not in METHODS or not address.startswith("/"):
        raise CommandError('Give a method and an address, such as "GET /reviews/{item}/".')
    fields = [field.partition("=") for field in options["data"]]
    return Way(
        method,
        address,
        role=options["role"],
        page=options["form"],
        data={name: value for name, _, value in fields},
        is_warm=options["warm"],
    )
