"""The roles of the templates may do what the workers call, what AWS itself does on the way, and nothing else."""

import pytest

from demo.bank import iam_actions
from tests.deploy.templates import KINDS, actions, called, received, role, template, trail_reader

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
ROLES = [(kind, logical) for kind in KINDS for logical in ("Observer", "Executor")]
READS = ("Get", "List", "Search", "Describe")


def test_every_call_of_the_workers_is_allowed_somewhere() -> None:
    allowed = set().union(*(actions(*one) for one in ROLES))
    allowed |= {action for one in trail_reader() for action in one["Action"]}
    assert called() - allowed == set()


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_nothing_is_allowed_that_nobody_calls(kind: str, logical: str) -> None:
    assert actions(kind, logical) - called() - WITHOUT_A_CALL == set()


def test_an_account_that_grants_and_receives_may_do_both() -> None:
    both = actions("granting-account", "Executor") | received()
    assert actions("consuming-account", "Executor") - both == set()
    assert received() <= actions("consuming-account", "Executor")


@pytest.mark.parametrize("kind", KINDS)
def test_the_observer_only_reads(kind: str) -> None:
    names = (action.split(":")[1] for action in actions(kind, "Observer"))
    assert all(name.startswith(READS) for name in names)


def test_a_trail_is_read_where_its_bucket_was_named_and_only_this_accounts_files() -> None:
    found = template("granting-account")
    assert found["Parameters"]["TrailBucket"]["Default"] == ""
    assert found["Resources"]["ReadTrail"]["Condition"] == "ReadsTrail"
    listed, read = trail_reader()
    assert (listed["Action"], read["Action"]) == (["s3:ListBucket"], ["s3:GetObject"])
    assert listed["Resource"]["Sub"].endswith(":s3:::${TrailBucket}")
    assert read["Resource"]["Sub"].endswith("AWSLogs/*${AWS::AccountId}/CloudTrail/*")
    assert called() >= {"s3:ListBucket", "s3:GetObject"}


def test_observers_are_alike_in_every_kind_of_account() -> None:
    assert len({frozenset(actions(kind, "Observer")) for kind in KINDS}) == 1


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_no_role_sets_who_administers(kind: str, logical: str) -> None:
    assert "lakeformation:PutDataLakeSettings" in actions(kind, logical, "Deny")
    assert not any("*" in action for action in actions(kind, logical))


@pytest.mark.parametrize(("kind", "logical"), ROLES)
def test_only_the_worker_with_the_external_id_is_trusted(kind: str, logical: str) -> None:
    (trust,) = role(kind, logical)["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"AWS": {"Ref": "WorkerArn"}}
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": {"Ref": "ExternalId"}}}


def test_the_workers_can_only_become_our_roles() -> None:
    (policy,) = role("worker", "Worker")["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sts:AssumeRole"]
    assert [one["Sub"].rpartition("/")[2] for one in statement["Resource"]] == [
        role("consuming-account", "Observer")["RoleName"],
        role("consuming-account", "Executor")["RoleName"],
    ]


def test_the_workers_become_a_readers_role_only_where_it_was_named() -> None:
    found = template("worker")
    assert found["Parameters"]["AsksAs"]["Default"] == ""
    asks = found["Resources"]["AskAsReaders"]
    (statement,) = asks["Properties"]["PolicyDocument"]["Statement"]
    assert (asks["Condition"], statement["Resource"]) == ("AsksAsSomebody", {"Ref": "AsksAs"})


def test_a_receiving_account_gives_the_right_to_make_links_and_no_more() -> None:
    granted = template("consuming-account")["Resources"]["MayMakeLinks"]["Properties"]
    assert (granted["Permissions"], granted["PermissionsWithGrantOption"]) == (["CREATE_DATABASE"], [])


@pytest.mark.parametrize(
    ("kind", "logical", "given"),
    [
        ("granting-account", "Observer", iam_actions.OBSERVER),
        ("consuming-account", "Observer", iam_actions.OBSERVER),
        ("granting-account", "Executor", iam_actions.GRANTING_EXECUTOR),
        ("consuming-account", "Executor", iam_actions.CONSUMING_EXECUTOR),
    ],
)
def test_the_pretend_aws_lets_the_roles_do_what_the_templates_say(
    kind: str, logical: str, given: tuple[str, ...]
) -> None:
    assert (set(given), set(iam_actions.NEVER)) == (actions(kind, logical), actions(kind, logical, "Deny"))
