"""What is not known of AWS, each as a switch with both ways of it: whoever relies on neither is right on either.

Set in a seed (`switches:`), by the control API (`GET` and `POST switches`) or in a scenario. `ALL` names every
switch with its values, the default first; `OTHER` is the world with each of them turned the other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mocklake.world import World

Value = bool | int | str
ASSUMED = "assumed"
UNKNOWN = "not known: AWS's documents do not say"


def _switch(default: Value, *others: Value, asks: str, source: str, any_number: bool = False) -> Any:
    about = {"values": (default, *others), "asks": asks, "source": source, "any_number": any_number}
    return field(default=default, metadata=about)


@dataclass
class Switches:
    """The ways that one world goes; each field's metadata says what it asks and where the doubt comes from."""

    # Granting and revoking
    merge_column_rows: bool = _switch(
        True, False,
        asks="Are several column grants of one principal on one table listed as one row?",
        source=UNKNOWN,
    )  # fmt: skip
    describe_beside_partial_select: bool = _switch(
        True, False,
        asks="Can a principal with SELECT on some columns or rows be granted DESCRIBE on the table too?",
        source="field report: terraform-provider-aws #39082 shows both; AWS's documents forbid it",
    )  # fmt: skip
    federated_across_accounts: bool = _switch(
        False, True,
        asks="Can SAML and QuickSight users and groups of another account be granted permissions?",
        source=UNKNOWN,
    )  # fmt: skip
    columns_take_grant_option: bool = _switch(
        True, False,
        asks="Can SELECT on an include list of columns carry the grant option?",
        source="AWS Lake Formation Developer Guide: data-filtering-notes says yes, lf-permissions-reference no",
    )  # fmt: skip
    super_folds: bool = _switch(
        True, False,
        asks="Is ALL (Super) listed with all that it stands for, which goes with it, or does it stand beside them?",
        source="field report: Terraform code against AWS Lake Formation Developer Guide, lf-permissions-reference",
    )  # fmt: skip
    regrants_by_described_tags: bool = _switch(
        False, True,
        asks="May a receiver with DESCRIBE of tags grant another policy of them than the one it got?",
        source="AWS Lake Formation Developer Guide: permission-cascading-rules against regranting-shared-resources",
    )  # fmt: skip
    identical_grant: str = _switch(
        "accepted", "AlreadyExistsException", "InvalidInputException",
        asks="How is a grant answered that is there already?",
        source="field report: data.all and Terraform code handle all three",
    )  # fmt: skip
    iam_narrows_grants: bool = _switch(
        False, True,
        asks="Can an IAM policy narrow GrantPermissions and RevokePermissions to a database or table by its ARN?",
        source=UNKNOWN,
    )  # fmt: skip
    new_principal_lag_milliseconds: int = _switch(
        0, 3000,
        asks="For how long after its making is a role or user refused as Invalid principal?",
        source="field report: terraform-provider-aws retries Invalid principal for up to two minutes",
        any_number=True,
    )  # fmt: skip
    checks_foreign_principals: bool = _switch(
        True, False,
        asks="Is a role or user of another account that does not exist refused too?",
        source=UNKNOWN,
    )  # fmt: skip
    revokes_from_deleted_principals: bool = _switch(
        True, False,
        asks="Can what a deleted role or user holds be revoked by its ARN, or is nothing found to revoke?",
        source="API reference, GrantPermissions (a role made again holds the same); field report: data.all #1029",
    )  # fmt: skip
    settings_need_administrator: bool = _switch(
        False, True,
        asks="Must the caller of PutDataLakeSettings be an administrator where there is one, besides what IAM allows?",
        source="AWS Lake Formation Developer Guide leaves it to IAM; field report: context-ontology-accelerator #73",
    )  # fmt: skip
    missing_looks_denied: bool = _switch(
        False, True,
        asks="Is a database or table that does not exist answered as AccessDeniedException?",
        source="field report: waggle-dance #359",
    )  # fmt: skip
    creating_needs_data_location: bool = _switch(
        True, False,
        asks="Does making a table or database in a registered location need DATA_LOCATION_ACCESS?",
        source="AWS Lake Formation Developer Guide, access-control-underlying-data; off to try a client without",
    )  # fmt: skip

    # Listing
    hides_foreign_principals: str = _switch(
        "filters", "always", "never",
        asks="Of what does ListPermissions by another account's role find nothing: grants on filters, or all? "
        "By an Identity Center group it finds nothing but with `never`.",
        source="field report: terraform-provider-aws #48360 (a role with a filter), #44574 (groups, confirmed by AWS)",
    )  # fmt: skip
    missing_in_listings: str = _switch(
        "AccessDeniedException", "EntityNotFoundException",
        asks="How does ListPermissions refuse a catalog, database, table or data cells filter that does not exist?",
        source="field report: terraform-provider-aws #38982 has the first; its tests take either as gone",
    )  # fmt: skip
    unseen_in_listings_refused: bool = _switch(
        False, True,
        asks="Is ListPermissions refused for a database or table that the caller may not see, or is its answer empty?",
        source="AWS Lake Formation API Reference says filtered; the refusal's text names callers without the right too",
    )  # fmt: skip
    administrators_list_grant_options: bool = _switch(
        False, True,
        asks="Do an administrator's effective permissions on a database or table show every grant option?",
        source="field report: Terraform code, implicit permissions look like explicit ones; AWS names DESCRIBE alone",
    )  # fmt: skip
    late_listing_milliseconds: int = _switch(
        0, 300,
        asks="For how long do listings still show what was before a grant, a revoke or an invitation's answer?",
        source="field report: terraform-provider-aws, comments on revokes",
        any_number=True,
    )  # fmt: skip
    empty_page_seed: int = _switch(
        0, 1,
        asks="Do pages come back empty with a NextToken at times? 0 is never; any other number is the seed.",
        source="field report: boto3 #3425",
        any_number=True,
    )  # fmt: skip
    short_page_seed: int = _switch(
        0, 1,
        asks="Do Glue's pages hold fewer than asked at times, with a NextToken? 0 is never; any other number is the seed.",
        source="field report: noctua #137",
        any_number=True,
    )  # fmt: skip
    paths_include_below: bool = _switch(
        True, False,
        asks="Does GetEffectivePermissionsForPath answer what lies below the path, or only what lies exactly at it?",
        source=ASSUMED,
    )  # fmt: skip

    # Requests
    lake_formation_constraint_code: str = _switch(
        "ValidationException", "InvalidInputException",
        asks="With which error does Lake Formation refuse what breaks a length, pattern or choice of its model?",
        source=UNKNOWN,
    )  # fmt: skip

    # Sharing
    drop_leaves_shares: bool = _switch(
        True, False,
        asks="Does a dropped table or database stay in the RAM share that carried its grants?",
        source="AWS Lake Formation Developer Guide, cross-account notes",
    )  # fmt: skip
    invitation_hours: int = _switch(
        168, 12,
        asks="After how many hours does an invitation expire that nobody answers?",
        source="AWS Security Lake User Guide says 12, other services' pages say seven days",
        any_number=True,
    )  # fmt: skip
    expired_invitations_stay_pending: bool = _switch(
        False, True,
        asks="Is an expired invitation still shown as PENDING, and does accepting it do nothing?",
        source="AWS Security Lake User Guide",
    )  # fmt: skip
    version_five_by_wildcard: bool = _switch(
        True, False,
        asks="Does a share of cross-account version 5 hold wildcards instead of each database and table?",
        source="AWS Lake Formation Developer Guide, optimize-ram; off to try a client with single resources",
    )  # fmt: skip
    resources_in_a_share: int = _switch(
        500, 3,
        asks="How many resources does a share of Lake Formation hold before the next of up to five is begun?",
        source="assumed; five shares a pair are AWS's best-practices guide for Lake Formation",
        any_number=True,
    )  # fmt: skip
    version_one_reaches_later: bool = _switch(
        True, False,
        asks="Can an account of cross-account version 1 grant databases and tables to one of version 3 or later?",
        source="AWS Lake Formation Developer Guide, optimize-ram, says yes; AWS's best-practices guide says no",
    )  # fmt: skip
    account_opt_ins: bool = _switch(
        True, False,
        asks="Does the owner's opt-in of an account as a whole count for that account's principals?",
        source=ASSUMED,
    )  # fmt: skip
    repeated_opt_in: str = _switch(
        "accepted", "InvalidInputException",
        asks="How is an opt-in answered that is there already?",
        source=ASSUMED,
    )  # fmt: skip

    # Filters, tags, credentials
    associate_suffices: bool = _switch(
        False, True,
        asks="Is ASSOCIATE on an LF-Tag enough to assign it to whatever one sees?",
        source="AWS Lake Formation Developer Guide, TBAC-assigning-tags asks for the resource too; on to try a client",
    )  # fmt: skip
    filter_deletion_takes_grants: bool = _switch(
        True, False,
        asks="Does deleting a data cells filter take its grants along, or is it refused while there are any?",
        source=ASSUMED,
    )  # fmt: skip
    alter_alone_changes_partitions: bool = _switch(
        False, True,
        asks="Must a change of partitions hold ALTER, or does INSERT let add and DELETE let remove them?",
        source="field report: quiltdata/quiltx spec/060-stack-acl: without a grant, CreatePartition names Alter",
    )  # fmt: skip
    cells_outside_filters: str = _switch(
        "null", "absent",
        asks="In a row that one filter shows, is a cell that only another filter could show NULL, or is the row absent?",
        source="field report: data.all tells its users that filters intersect; AWS's documents do not say",
    )  # fmt: skip
    rls_policies_with_filters: str = _switch(
        "intersection", "union",
        asks="Do the rows of a principal's RLS policies narrow those of its data cells filters, or come to them?",
        source="not known: AWS Lake Formation Developer Guide, rls-policies, says that several policies unite, and no more",
    )  # fmt: skip
    default_rls_policy_beside_others: bool = _switch(
        False, True,
        asks="Does a table's default RLS policy count for principals with attachments of their own, too?",
        source=UNKNOWN,
    )  # fmt: skip
    tagged_columns_describe_table: bool = _switch(
        False, True,
        asks="Does a tag policy that only some columns fit give its DESCRIBE on the whole table?",
        source=ASSUMED,
    )  # fmt: skip
    managed_query_results: bool = _switch(
        False, True,
        asks="Does Athena keep the results of the workgroup primary (managed query results), or demand a location?",
        source="AWS Athena User Guide, managed-results: either is set; field report: moto's test on AWS found neither",
    )  # fmt: skip
    longest_vended_credentials: int = _switch(
        43_200, 21_600,
        asks="How many seconds may vended credentials live at most?",
        source="API reference (43,200) against field use (21,600)",
        any_number=True,
    )  # fmt: skip


@dataclass(frozen=True)
class Switch:
    """`values` begin with the default; with `any_number` any other whole number from 0 is one too."""

    name: str
    values: tuple[Value, ...]
    asks: str
    source: str
    any_number: bool = False

    def admits(self, value: object) -> bool:
        same = any(type(value) is type(one) and value == one for one in self.values)
        return same or (self.any_number and type(value) is int and value >= 0)


ALL: dict[str, Switch] = {one.name: Switch(name=one.name, **one.metadata) for one in fields(Switches)}
OTHER: dict[str, Value] = {name: switch.values[-1] for name, switch in ALL.items()}
EACH_OTHER: tuple[tuple[str, Value], ...] = tuple(
    (name, value) for name, switch in ALL.items() for value in switch.values[1:]
)
"""Every switch turned alone, in each way that is not the default."""


def turn(world: "World", wanted: Mapping[str, object]) -> None:
    """ValueError for a switch that is not known or a value that it does not have; then none is turned."""
    for name, value in wanted.items():
        if name not in ALL:
            raise ValueError(f"no switch {name}; there are {', '.join(ALL)}")
        if not ALL[name].admits(value):
            choice = " or ".join(repr(one) for one in ALL[name].values)
            raise ValueError(f"switch {name} is {choice}, not {value!r}")
    for name, value in wanted.items():
        setattr(world.switches, name, value)


def described(world: "World") -> dict[str, dict[str, Any]]:
    """Describes how each switch stands, what it may be, what it asks and where the doubt comes from."""
    return {
        name: {
            "value": getattr(world.switches, name),
            "values": list(one.values),
            "asks": one.asks,
            "source": one.source,
        }
        for name, one in ALL.items()
    }
