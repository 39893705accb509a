"""Owner and receiver see a share's state, resources and principals; the receiver only what it accepted."""

from mocklake.tests.lakeformation.worlds import (
    ADMIN,
    CONSUMER,
    GUEST,
    PARTNER,
    PRODUCER,
    RECEIVER,
    accept,
    call,
    caller,
    grant,
    new_world,
    on_table,
    refused,
    with_table,
)


def test_the_receiver_sees_a_share_once_it_has_accepted() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, GUEST.arn, on_table(), "SELECT")
    others = {"resourceOwner": "OTHER-ACCOUNTS"}
    assert call(world, RECEIVER, "ram", "GetResourceShares", **others)["resourceShares"] == []
    (arn,) = accept(world)
    (share,) = call(world, RECEIVER, "ram", "GetResourceShares", **others)["resourceShares"]
    assert share["resourceShareArn"] == arn
    assert len(call(world, RECEIVER, "ram", "ListResources", **others)["resources"]) == 3
    (sender,) = call(world, RECEIVER, "ram", "ListPrincipals", **others)["principals"]
    assert (sender["id"], sender["external"]) == (PRODUCER, True)
    assert call(world, caller(PARTNER), "ram", "GetResourceShares", **others)["resourceShares"] == []
    with refused("UnknownResourceException"):
        call(world, caller(PARTNER), "ram", "GetResourceShares", resourceShareArns=[arn], **others)


def test_the_association_of_the_principal_tells_whether_it_was_accepted() -> None:
    world = with_table(new_world())
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")

    def status() -> list[tuple[str, str]]:
        answer = call(world, ADMIN, "ram", "GetResourceShareAssociations", associationType="PRINCIPAL")
        rows = answer["resourceShareAssociations"]
        return [(row["associatedEntity"], row["status"]) for row in rows]

    assert status() == [(CONSUMER, "ASSOCIATING")]
    accept(world)
    assert status() == [(CONSUMER, "ASSOCIATED")]


def test_resource_associations_can_be_filtered() -> None:
    world = with_table(new_world(organisation={PRODUCER, CONSUMER}))
    grant(world, ADMIN, CONSUMER, on_table(), "SELECT")
    table = f"arn:aws:glue:eu-central-1:{PRODUCER}:table/sales/orders"
    ask = {"associationType": "RESOURCE", "resourceArn": table}
    for who in (ADMIN, RECEIVER):
        (row,) = call(world, who, "ram", "GetResourceShareAssociations", **ask)["resourceShareAssociations"]
        assert (row["associatedEntity"], row["status"], row["external"]) == (table, "ASSOCIATED", False)
    listed = call(world, ADMIN, "ram", "ListResources", resourceOwner="SELF", resourceType="glue:Table")
    assert [one["arn"] for one in listed["resources"]] == [table]
