"""The roles of the templates may do what the workers call, what AWS itself does on the way, and nothing else."""

import pytest

from demo.bank import iam_roles
from tests.deploy.cloudformation import (
    KINDS,
    get_role,
    get_trail_statements,
    list_actions,
    list_called_actions,
    list_receiving_actions,
    load_template,
)

WITHOUT_A_CALL = {
    # AWS checks these beside the batch's own action, for every entry (Lake Formation permissions reference).
    "lakeformation:GrantPermissions",
    "lakeformation:RevokePermissions",
    # What Lake Formation does with the caller's own rights when it shares (cross-account prerequisites).
    "glue:PutResourcePolicy",
    "glue:DeleteResourcePolicy",
    "ram:CreateResourceShare",
    "ram:AssociateResourceShare",
    "ram:DisassociateResourceShare",
    "ram:UpdateResourceShare",
    "ram:DeleteResourceShare",
    # RegisterResource hands a role to Lake Formation.
    "iam:PassRole",
}
AS_READER = {
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "athena:GetWorkGroup",
    "athena:StartQueryExecution",
    "athena:StopQueryExecution",
    "lakeformation:GetTemporaryGlueTableCredentials",
}
"""What the workers call as the role of a person who reads data, which no template of ours makes."""
OBSERVER_ACTIONS = (*iam_roles.OBSERVER_ACTIONS, *iam_roles.QUERY_HISTORY_ACTIONS)
ROLES = [(kind, logical) for kind in KINDS for logical in ("Observer", "Executor")]
READS = ("Get", "BatchGet", "List", "Search", "Describe")


def test_every_call_of_the_workers_is_allowed_somewhere() -> None:
    allowed = set().union(*(list_actions(*one) for one in ROLES))
    allowed |= {action for one in get_trail_statements() for action in one["Action"]}
    assert list_called_actions() - allowed == AS_READER


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_nothing_is_allowed_that_nobody_calls(kind: str, logical: str) -> None:
    assert list_actions(kind, logical) - list_called_actions() - WITHOUT_A_CALL == set()


def test_an_account_that_grants_and_receives_may_do_both() -> None:
    both = list_actions("granting-account", "Executor") | list_receiving_actions()
    assert list_actions("consuming-account", "Executor") - both == set()
    assert list_receiving_actions() <= list_actions("consuming-account", "Executor")


@pytest.mark.parametrize("kind", KINDS)
def test_the_observer_only_reads(kind: str) -> None:
    names = (action.split(":")[1] for action in list_actions(kind, "Observer"))
    assert all(name.startswith(READS) for name in names)


def test_a_trail_is_read_where_its_bucket_was_named_and_only_this_accounts_files() -> None:
    found = load_template("granting-account")
    assert found["Parameters"]["TrailBucket"]["Default"] == ""
    assert found["Resources"]["ReadTrail"]["Condition"] == "ReadsTrail"
    listed, read = get_trail_statements()
    assert (listed["Action"], read["Action"]) == (["s3:ListBucket"], ["s3:GetObject"])
    assert listed["Resource"]["Sub"].endswith(":s3:::${TrailBucket}")
    assert read["Resource"]["Sub"].endswith("AWSLogs/*${AWS::AccountId}/CloudTrail/*")
    assert list_called_actions() >= {"s3:ListBucket", "s3:GetObject"}


def test_times_of_data_are_read_in_the_named_buckets_alone_and_no_rows() -> None:
    found = load_template("granting-account")
    assert found["Parameters"]["DataBuckets"]["Default"] == ""
    times = found["Resources"]["ReadTimes"]
    listed, read = times["Properties"]["PolicyDocument"]["Statement"]
    assert (times["Condition"], listed["Resource"]) == ("ReadsTimes", {"Ref": "DataBuckets"})
    assert (listed["Action"], read["Action"]) == (["s3:ListBucket"], ["s3:GetObject"])
    assert read["Resource"]["Sub"].endswith("/metadata/*.metadata.json")


def test_observers_are_alike_in_every_kind_of_account() -> None:
    assert len({frozenset(list_actions(kind, "Observer")) for kind in KINDS}) == 1


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_no_role_sets_who_administers(kind: str, logical: str) -> None:
    assert "lakeformation:PutDataLakeSettings" in list_actions(kind, logical, "Deny")
    assert not any("*" in action for action in list_actions(kind, logical))


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_only_the_worker_with_the_external_id_is_trusted(kind: str, logical: str) -> None:
    (trust,) = get_role(kind, logical)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Ref": "WorkerArn"}}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_the_workers_can_only_become_our_roles() -> None:
    (policy,) = get_role("worker", "Worker")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    assert [one["Sub"].rpartition("/")[2] for one in statement["Resource"]] == [
        get_role("consuming-account", "Observer")["RoleName"],
        get_role("consuming-account", "Executor")["RoleName"],
    ]


def test_the_workers_become_a_readers_role_only_where_it_was_named() -> None:
    found = load_template("worker")
    assert found["Parameters"]["AsksAs"]["Default"] == ""
    asks = found["Resources"]["AskAsReaders"]
    (statement,) = asks["Properties"]["PolicyDocument"]["Statement"]
    assert (asks["Condition"], statement["Resource"]) == ("AsksAsSomebody", {"Ref": "AsksAs"})


def test_a_receiving_account_gives_the_right_to_make_links_and_no_more() -> None:
    granted = load_template("consuming-account")["Resources"]["MayMakeLinks"]["Properties"]
    assert (granted["Permissions"], granted["PermissionsWithGrantOption"]) == (["CREATE_DATABASE"], [])


@pytest.mark.parametrize(
    ("kind", "logical", "given"),
    [
        ("granting-account", "Observer", OBSERVER_ACTIONS),
        ("consuming-account", "Observer", OBSERVER_ACTIONS),
        ("granting-account", "Executor", iam_roles.GRANTING_EXECUTOR_ACTIONS),
        ("consuming-account", "Executor", iam_roles.CONSUMING_EXECUTOR_ACTIONS),
    ],
)
def test_the_pretend_aws_lets_the_roles_do_what_the_templates_say(
    kind: str, logical: str, given: tuple[str, ...]
) -> None:
    assert (set(given), set(iam_roles.DENIED_ACTIONS)) == (
        list_actions(kind, logical),
        list_actions(kind, logical, "Deny"),
    )
