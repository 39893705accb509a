"""How far a grant is proven, from stored readings of AWS."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from fulfilment.intents.models import Intent
from fulfilment.observations.models import ObservedPermission, ScopeReading
from fulfilment.observations.storage import CatalogFacts, ShareFacts, build_held
from fulfilment.role_queries import TestQuery
from identity.accounts import Account, ConnectedCatalog
from identity.connections import Checkup
from lakeformation.access.access import Access
from lakeformation.observation.reading import (
    IAM_ALLOWED_PRINCIPALS,
    is_hybrid,
    is_open_to_iam,
    is_path_covered,
)
from lakeformation.values.permissions import HeldPermissions
from lakeformation.values.row_policies import RowPolicies, TableTags
from requests_app.display_states import vocabulary as display
from requests_app.grants.models import Grant
from requests_app.grants.status.requirements import (
    AccessRequirement,
    GrantConditions,
    RequirementMark,
    list_requirements,
)
from requests_app.grants.status.role_queries import get_last_test_query
from requests_app.grants.usage import GrantLastUse, get_last_uses
from requests_app.targets.many_tables import build_table_tags


@dataclass(frozen=True)
class ProofLevel:
    """One step of proof: L1 to L4, as AWS's own tools would show it. `seen_at` is when it was seen, `round` by which."""

    name: str
    mark: RequirementMark
    text: str
    seen_at: datetime | None = None
    round: int | None = None

    @property
    def check_mark(self) -> display.CheckMark:
        """Only what was tried and found otherwise needs attention; what is not proven is not known."""
        if self.mark == RequirementMark.MET:
            return display.CheckMark.YES
        is_contradicted = self.mark == RequirementMark.LACKING and self.name == "L3"
        return display.CheckMark.ATTENTION if is_contradicted else display.CheckMark.NOT_KNOWN


@dataclass(frozen=True)
class Proof:
    levels: tuple[ProofLevel, ...]
    requirements: tuple[AccessRequirement, ...]
    checked_at: datetime | None


def build_proof(grant: Grant) -> Proof:
    """Builds the proof of a live grant from rows alone. Eleven queries."""
    access = grant.intent.access
    catalog = grant.item.table.database.catalog
    rows = ScopeReading.objects.filter(scope__catalog=catalog).select_related("scope__consumer")
    read, share = None, None
    for row in rows:
        if row.scope.consumer is None:
            read = CatalogFacts.from_json(row.facts)
        elif row.scope.consumer.account_id == access.consumer:
            share = ShareFacts.from_json(row.facts)
    facts, is_read = read or CatalogFacts(), read is not None
    delivered = share.carries(access) if share else None
    checkup, locations = _get_latest_checkup(catalog.account), _read_locations(catalog)
    known = GrantConditions(
        access=access,
        version=facts.cross_account_version,
        opens_new_tables=facts.opens_new_tables_to_iam,
        open_to_iam=is_open_to_iam(_read_iam_permissions(catalog), access) if is_read else None,
        is_hybrid=access.opt_in is not None or _is_in_hybrid_mode(access, locations),
        opted_in=_is_opted_in(catalog, access) if is_read else None,
        registered=_is_registered(access, locations) if is_read else None,
        delivered=delivered,
        is_present=_is_present(grant.intent),
        checkup={finding["code"]: finding["remedy"] for finding in checkup.findings} if checkup else None,
        row_policies=_add_default_policy(grant, facts.row_policies),
        table_tags=_read_table_tags(grant, facts.row_policies),
    )
    levels = (
        *_build_levels(grant.intent, access, delivered=delivered),
        _build_use_level(get_last_uses([grant])[grant.pk]),
    )
    return Proof(levels, tuple(list_requirements(known)), checkup.finished_at if checkup else None)


def _read_iam_permissions(catalog: ConnectedCatalog) -> HeldPermissions:
    rows = ObservedPermission.objects.filter(catalog=catalog, principal_arn=IAM_ALLOWED_PRINCIPALS)
    return build_held(catalog, rows)


def _is_opted_in(catalog: ConnectedCatalog, access: Access) -> bool:
    database, table = access.target
    mine = catalog.opt_ins.filter(principal_arn=access.principal_arn, database=database)
    return mine.filter(table=table).exists()


def _add_default_policy(grant: Grant, policies: RowPolicies) -> RowPolicies:
    """With the one that Glue tells of, where the grant is of one table."""
    table = grant.item.table
    if not grant.item.target.is_single_table:
        return policies
    return policies.with_default(table.database.name, table.name, table.default_row_policy)


def _read_table_tags(grant: Grant, policies: RowPolicies) -> dict[tuple[str, str], TableTags]:
    """Reads the tags of the table of a grant of one table. No query where no policy is attached by tags."""
    table = grant.item.table
    if not grant.item.target.is_single_table or not any(
        attachment.tags for attachment in policies.attachments
    ):
        return {}
    return {(table.database.name, table.name): build_table_tags(table, table.column_facts)}


def _read_locations(catalog: ConnectedCatalog) -> dict[str, bool]:
    """Registered S3 ARNs, with whether they are in hybrid access mode."""
    return dict(catalog.registered_locations.values_list("arn", "is_hybrid"))


def _is_registered(access: Access, locations: Mapping[str, bool]) -> bool:
    """All of its data, which for LF-Tags lie in several places."""
    return all(
        any(is_path_covered(arn, registration.arn) for arn in locations)
        for registration in access.registrations
    )


def _is_in_hybrid_mode(access: Access, locations: Mapping[str, bool]) -> bool:
    """By now, and any of its data: when it was agreed to, the location may have been in another mode, or not read yet.
    What was adopted has no location made for its sake, and lies in one all the same.
    """
    hybrid = [arn for arn, is_in_it in locations.items() if is_in_it]
    lies_in = replace(access, adoption=None).registrations
    return any(is_hybrid(lie.arn, locations, hybrid) for lie in lies_in)


def _is_present(intent: Intent) -> bool:
    return intent.is_proven and intent.presence == Intent.Presence.PRESENT


def _build_levels(intent: Intent, access: Access, *, delivered: bool | None) -> tuple[ProofLevel, ...]:
    """A proof is of everything that the grant wants: of its link too."""
    there = _is_present(intent)
    evidence = (intent.seen_at, intent.evidence_id) if there else (None, None)
    first = _("The permission was read back from AWS, column by column.")
    second = _("The consumer account sees what was granted in an active share, and the link points to it.")
    if not access.is_cross_account:
        second = _("Nothing is shared, because the owner and the role are in the same account.")
    reached = there and (delivered or not access.is_cross_account)
    return (
        ProofLevel("L1", RequirementMark.MET if there else RequirementMark.LACKING, first, *evidence),
        ProofLevel(
            "L2",
            RequirementMark.MET if reached else RequirementMark.LACKING,
            second,
            *(evidence if reached else (None, None)),
        ),
        _build_test_query_level(get_last_test_query(intent)),
    )


def _build_test_query_level(query: TestQuery | None) -> ProofLevel:
    if query is None:
        return ProofLevel("L3", RequirementMark.UNKNOWN, _("Nobody has run a query as the role yet."))
    words = {"given": query.allowed_column, "other": query.refused_column, "why": query.text}
    proven = _("A query as the role read %(given)s through Athena.")
    if query.refused_column:
        proven = _("A query as the role read %(given)s through Athena, and %(other)s was refused.")
    mark, text = {
        "": (RequirementMark.UNKNOWN, _("The workers are running a query as the role.")),
        TestQuery.Outcome.PROVEN: (RequirementMark.MET, proven),
        TestQuery.Outcome.CONTRADICTED: (RequirementMark.LACKING, _("Query as the role: %(why)s.")),
        TestQuery.Outcome.NOT_TRUSTED: (
            RequirementMark.UNKNOWN,
            _("The role does not let the workers in: %(why)s"),
        ),
        TestQuery.Outcome.FAILED: (
            RequirementMark.UNKNOWN,
            _("The query as the role could not be run: %(why)s"),
        ),
    }[query.outcome]
    return ProofLevel("L3", mark, text % words, query.finished_at)


def _build_use_level(used: GrantLastUse) -> ProofLevel:
    if used.used_at:
        told = _("CloudTrail shows that the role got access to the data.")
        return ProofLevel("L4", RequirementMark.MET, told, used.used_at)
    if used.since and used.until:
        words = {
            "since": date_format(used.since, _("j M Y, H:i")),
            "until": date_format(used.until, _("j M Y, H:i")),
        }
        seen = _("CloudTrail shows no use from %(since)s until %(until)s. Use before that is not known.")
        never = _("CloudTrail shows no use since the access was granted, until %(until)s.")
        told = (never if used.is_never else seen) % words
    elif used.has_trail:
        told = _("CloudTrail has no data yet for the time since the grant started.")
    else:
        told = _("CloudTrail files are not read, so use is not known.")
    return ProofLevel("L4", RequirementMark.UNKNOWN, told)


def _get_latest_checkup(account: Account) -> Checkup | None:
    return Checkup.objects.filter(account=account, finished_at__isnull=False).order_by("-pk").first()
