"""A check-up check by check: what is well is told like what is not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lakeformation.checkup.findings import AccountReading, Finding, FindingKind
from lakeformation.checkup.rules import list_findings


class CheckState(StrEnum):
    """`unknown`: it could not be read."""

    OK = "ok"
    ATTENTION = "attention"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Check:
    """`text` is what is so when `state` is ok; `findings` are what contradicts or qualifies it."""

    code: str
    text: str
    state: CheckState
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class CheckRule:
    """What a check says, which codes of findings belong to it, and what must have been read for it."""

    code: str
    text: str
    findings: frozenset[str]
    reads: frozenset[str]
    of_catalogs: bool = False
    """Of accounts that grant alone."""


OBSERVER_READ = "the observer's role"
UNREADABLE = "unreadable"
UNREAD_CODES = frozenset({UNREADABLE, "row_policies_unread"})
"""Findings that say that something is not known."""
RULES = (
    CheckRule(
        "roles",
        "The workers can assume its observer and its executor.",
        frozenset(),
        frozenset({OBSERVER_READ, "the executor's role"}),
    ),
    CheckRule(
        "external_id",
        "Its roles are not assumed without the ExternalId.",
        frozenset({"external_id_not_asked"}),
        frozenset({"whether the ExternalId is asked for"}),
    ),
    CheckRule(
        "rights",
        "Its observer and its executor have the rights in Lake Formation that they need.",
        frozenset(
            {
                "observer_is_no_reader",
                "executor_is_no_administrator",
                "executor_cannot_pass_on",
                "executor_cannot_make_links",
            }
        ),
        frozenset({OBSERVER_READ, "the data lake's settings", "the permissions"}),
    ),
    CheckRule(
        "administrators",
        "Nobody else administers its data lake.",
        frozenset({"other_administrators"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "version",
        "Its cross-account version allows grants to roles of other accounts.",
        frozenset({"version_too_low"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "defaults",
        "New databases and tables are closed to IAM.",
        frozenset({"new_things_are_open"}),
        frozenset({OBSERVER_READ, "the data lake's settings"}),
    ),
    CheckRule(
        "holders",
        "Nobody reads everything or changes LF-Tags without a decision.",
        frozenset({"left_to_iam", "others_tag", "others_hold_everything"}),
        frozenset({OBSERVER_READ, "the permissions"}),
    ),
    CheckRule(
        "locations",
        "Its data locations can be served across accounts.",
        frozenset({"service_linked_location", "location_not_verified"}),
        frozenset({OBSERVER_READ, "the data locations"}),
        of_catalogs=True,
    ),
    CheckRule(
        "resource_policy",
        "Its catalog's resource policy lets RAM share.",
        frozenset({"policy_without_ram"}),
        frozenset({OBSERVER_READ, "the catalog's resource policy"}),
        of_catalogs=True,
    ),
    CheckRule(
        "encryption",
        "Its catalog's encryption is known.",
        frozenset({"catalog_is_encrypted"}),
        frozenset({OBSERVER_READ, "the catalog's encryption"}),
        of_catalogs=True,
    ),
    CheckRule(
        "row_policies",
        "Its row-level security policies can be listed.",
        frozenset({"row_policies_unread"}),
        frozenset({OBSERVER_READ}),
        of_catalogs=True,
    ),
)


def list_checks(reading: AccountReading) -> list[Check]:
    """Every check that concerns the account; each finding of `list_findings` stands in one of them."""
    findings = list_findings(reading)
    unread = {finding.text: finding for finding in findings if finding.code == UNREADABLE}
    told: set[str] = set()
    checks = []
    for rule in RULES:
        if rule.of_catalogs and not reading.owns_catalog:
            continue
        failed = rule.reads & set(reading.read_errors)
        named = {
            f"{read[:1].upper()}{read[1:]} could not be read: {reading.read_errors[read]}" for read in failed
        }
        # What could not be read concerns several checks: it is told at the first.
        first = [unread[text] for text in sorted(named - told) if text in unread]
        told |= named
        own = [*first, *(finding for finding in findings if finding.code in rule.findings)]
        checks.append(Check(rule.code, rule.text, _judge(own, is_read=not failed), tuple(own)))
    return checks


def _judge(findings: Sequence[Finding], *, is_read: bool) -> CheckState:
    if any(finding.kind in {FindingKind.MISSING, FindingKind.BYPASS} for finding in findings):
        return CheckState.ATTENTION
    if not is_read or any(finding.code in UNREAD_CODES for finding in findings):
        return CheckState.UNKNOWN
    return CheckState.OK
