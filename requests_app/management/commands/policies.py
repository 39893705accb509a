"""`manage.py policies`: export, check, replay and publish policies as YAML."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from identity.people.models import Person
from identity.people.queries import get_acting_person
from kernel import clock
from kernel.errors import ForbiddenError, IllegalTransitionError, NotFoundError, RefusedError
from requests_app.access_requests.models import RequestItem
from requests_app.policies.evaluation import serialize_version_rules
from requests_app.policies.wording import describe_outcome_and_information, list_unavailable_facts
from requests_app.policy_editing.actions import draft_policy, publish_policy
from requests_app.policy_editing.queries import GLOBAL_SLUG, PolicyScope, get_policy_scope
from requests_app.policy_editing.replay import replay_rules
from requests_app.policy_editing.yaml_format import diff_rules, format_yaml, parse_yaml
from requests_app.policy_engine.parsing import UnreadableRuleError, parse_rules, serialize_rules
from requests_app.policy_engine.rules import Rule

MAX_SHOWN = 20


class Command(BaseCommand):
    help = (
        "The policy of a domain, or of all domains, as YAML. --export writes the published version; --check compares a "
        "file with it and replays past requests; --apply publishes the file, if the person could on the page."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="email", required=True, help="the person who acts, or who views")
        parser.add_argument(
            "--scope", default=GLOBAL_SLUG, help=f"a domain's slug; {GLOBAL_SLUG} for the global rules"
        )
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--export", action="store_true")
        what.add_argument("--check", type=Path, metavar="FILE")
        what.add_argument("--apply", type=Path, metavar="FILE")
        parser.add_argument(
            "--item", type=int, help="with --check: what would be decided on this one request"
        )
        parser.add_argument("--note", default="", help="with --apply: what changes, and why")

    def handle(self, *_args: Any, email: str, scope: str, **options: Any) -> None:
        person = get_acting_person(email)
        try:
            self._run(person, get_policy_scope(person, scope), options)
        except NotFoundError as error:
            raise CommandError(f"there is no scope {scope} for {email}") from error
        except (OSError, UnreadableRuleError, RefusedError, ForbiddenError, IllegalTransitionError) as error:
            raise CommandError(str(error)) from error

    def _run(self, person: Person, scope: PolicyScope, options: dict[str, Any]) -> None:
        current_rules = serialize_version_rules(scope.published)
        if options["export"]:
            self.stdout.write(format_yaml(current_rules), ending="")
            return
        file = options["check"] or options["apply"]
        data = parse_yaml(file.read_text(encoding="utf-8"))
        rules = parse_rules(data, domain=scope.domain.slug if scope.domain else "")
        for line in diff_rules(current_rules, serialize_rules(rules)):
            self.stdout.write(f"{line.sign or ' '} {line.text}")
        self.stdout.writelines(f"{line}\n" for line in list_unavailable_facts(rules))
        self._replay(rules, scope, options["item"])
        if options["apply"]:
            common: dict[str, Any] = {"acting_user": person, "now": clock.now()}
            draft = draft_policy(domain=scope.domain, rules=data, note=options["note"], **common)
            publish_policy(version_id=draft.pk, **common)
            self.stdout.write(f"version {draft.number} is published")

    def _replay(self, rules: tuple[Rule, ...], scope: PolicyScope, item: int | None) -> None:
        asked = RequestItem.objects.filter(pk=item).exclude(facts={}) if item is not None else None
        found = replay_rules(rules, scope.domain, asked)
        counts = f"{found.automatic_count} automatic, {found.escalated_count} more escalated, {found.refused_count} refused"
        counts += f", {found.requiring_more_count} have to give more information"
        self.stdout.write(f"{found.replayed_count} past requests: {counts}")
        for row in found.changed_items[:MAX_SHOWN]:
            before, after = (
                describe_outcome_and_information(row.before.to_json()),
                describe_outcome_and_information(row.after.to_json()),
            )
            self.stdout.write(f"item {row.item.pk}, {row.item.name}: {before} → {after}")
