"""`manage.py products`: data products as files: export, plan, apply."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.product_files.actions import apply_product_file
from catalog.product_files.formats import FILE_ENDINGS, MAX_FILE_LENGTH, FileFormat, read_file, write_file
from catalog.product_files.plan import plan_file
from catalog.product_files.state import describe_product
from catalog.products.may import visible_products
from catalog.products.models import DataProduct
from identity.keys import normalize_slug
from identity.people.models import Person
from identity.people.queries import get_acting_person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from portal.product_files.presenters import ShownPlan, build_plan

DIFFERENT = 2
"""Exit code of a plan with changes or drift."""
MAX_BYTES = 4 * MAX_FILE_LENGTH
REFUSALS = (OSError, UnicodeDecodeError, RefusedError, ForbiddenError, IllegalTransitionError)


class Command(BaseCommand):
    help = (
        "Data products as files. export writes them; plan shows what files would change, as the page of a revision does, "
        "and where file and portal differ; apply does it, if the person could on the page. Exit code 0: nothing to change, "
        "or applied. 2: plan found changes or differences. 1: an error, after the other files."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        export = verbs.add_parser("export", help="write products as files")
        export.add_argument(
            "--product", action="append", default=[], metavar="SLUG", help="all, if none is named"
        )
        export.add_argument("--format", choices=list(FileFormat), default=FileFormat.ODCS_3_1)
        export.add_argument("--out", type=Path, metavar="DIR", help="needed for more than one product")
        plan = verbs.add_parser("plan", help="show what files would change")
        apply = verbs.add_parser("apply", help="apply files, each wholly or not at all")
        apply.add_argument("--yes", action="store_true", help="without a question")
        apply.add_argument("--accept-breaking", action="store_true", help="publish what may break queries")
        apply.add_argument("--note", default="", help="what changes, and why")
        for verb in (plan, apply):
            verb.add_argument("files", nargs="+", type=Path, metavar="FILE")
        for verb in (export, plan, apply):
            verb.add_argument("--as", dest="email", required=True, help="the person who acts, or who views")

    def handle(self, *_args: Any, verb: str, email: str, **options: Any) -> None:
        person = get_acting_person(email)
        if verb == "export":
            self._export(person, **options)
            return
        codes = [self._handle_file(person, file, verb, options) for file in options["files"]]
        if worst := 1 if 1 in codes else max(codes):
            sys.exit(worst)

    def _export(self, person: Person, product: list[str], out: Path | None, **options: Any) -> None:
        kind = FileFormat(options["format"])
        products = list(_find_products(person, product))
        if out is None:
            if len(products) != 1:
                raise CommandError("name one product with --product, or a folder with --out")
            self.stdout.write(write_file(describe_product(person, products[0]), kind), ending="")
            return
        for one in products:
            file = out / f"{one.slug}.{FILE_ENDINGS[kind]}"
            try:
                out.mkdir(parents=True, exist_ok=True)
                file.write_text(write_file(describe_product(person, one), kind), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{file}: {error}") from error
            self.stdout.write(str(file))

    def _handle_file(self, person: Person, file: Path, verb: str, options: dict[str, Any]) -> int:
        """The exit code of this file. Others go on after an error."""
        try:
            if file.stat().st_size > MAX_BYTES:
                raise RefusedError(f"a file can have at most {MAX_FILE_LENGTH} characters")
            text = file.read_text(encoding="utf-8")
            shown = build_plan(plan_file(person, read_file(text)))
            for line in _list_plan_lines(file, shown):
                self.stdout.write(line)
            if shown.problem:
                self.stderr.write(f"  refused: {shown.problem}")
            if verb == "plan":
                return self._judge(shown)
            return self._apply(person, text, shown, options)
        except NotFoundError:
            said = "there is no such product that you can edit, and no such domain in which you can create it"
            self.stderr.write(f"{file}: {said}")
        except REFUSALS as error:
            self.stderr.write(f"{file}: {error}")
        return 1

    def _judge(self, shown: ShownPlan) -> int:
        if shown.problem:
            return 1
        return DIFFERENT if shown.plan.has_changes or shown.drift else 0

    def _apply(self, person: Person, text: str, shown: ShownPlan, options: dict[str, Any]) -> int:
        if not shown.plan.has_changes:
            return 0
        if shown.problem:
            return 1
        if not options["yes"] and not _ask():
            self.stderr.write("Not applied.")
            return 1
        applied = apply_product_file(
            acting_user=person,
            text=text,
            shown=shown.plan.digest,
            note=options["note"],
            now=clock.now(),
            accepts_breaking=options["accept_breaking"],
        )
        state = applied.revision.get_state_display() if applied.revision else "changed"
        self.stdout.write(f"  {applied.product.slug} is {state}")
        return 0


def _find_products(person: Person, slugs: list[str]) -> Iterator[DataProduct]:
    slugs = list(map(normalize_slug, slugs))
    rows = visible_products(person).select_related("domain__owner_team").order_by("slug").distinct()
    found = {row.slug: row for row in (rows.filter(slug__in=slugs) if slugs else rows)}
    if missing := [slug for slug in slugs if slug not in found]:
        raise CommandError(f"there is no product {missing[0]} that you can see")
    yield from found.values()


def _ask() -> bool:
    if not sys.stdin.isatty():
        raise RefusedError("say --yes to apply it without a question")
    return input("  Apply it? [y/N] ").strip().lower() in ("y", "yes")


def _list_plan_lines(file: Path, shown: ShownPlan) -> Iterator[str]:
    plan = shown.plan
    what = plan.product.slug if plan.product else f"new product in {plan.target.domain.slug}"
    yield f"{file}: {what}"
    for change in shown.changes:
        yield f"  {change.label}"
        yield from (f"    {line.sign or ' '} {line.text}" for line in change.lines)
    if plan.has_changes:
        yield f"  becomes version {shown.version}" if shown.version else "  becomes a draft"
    else:
        yield "  nothing to change"
    yield from (f"  breaks queries: {text}" for text in shown.breaking_changes)
    yield from (f"  drift, line {one.line}: {one.text}" for one in shown.drift)
    yield from (f"  not kept, line {line}: {path}" for path, line in shown.not_kept)
