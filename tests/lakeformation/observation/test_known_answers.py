"""What AWS's models say of the answers that are read, against what this version declares to know of them."""

from collections.abc import Iterator

import pytest
from botocore.model import ListShape, Shape, StringShape, StructureShape
from botocore.session import get_session

from lakeformation.observation.parsing import (
    JUDGED_KINDS,
    KNOWN_SHAPES,
    OPT_IN_KINDS,
    SIDE_KINDS,
    TABLE_VERBS,
    UNKNOWN_KINDS,
    UNKNOWN_VERBS,
    KnownShape,
)

OPERATIONS = [
    ("lakeformation", "ListPermissions"),
    ("lakeformation", "ListDataCellsFilter"),
    ("lakeformation", "ListLakeFormationOptIns"),
    ("lakeformation", "ListRLSPolicies"),
    ("lakeformation", "ListRLSPolicyAttachments"),
    ("lakeformation", "ListResources"),
    ("lakeformation", "GetDataLakeSettings"),
    ("ram", "GetResourceShares"),
    ("ram", "GetResourceShareAssociations"),
    ("ram", "GetResourceShareInvitations"),
    ("ram", "ListResources"),
    ("glue", "GetDatabase"),
    ("glue", "GetDatabases"),
    ("glue", "GetTable"),
    ("glue", "GetTables"),
]
WITHOUT_SHAPES = KnownShape(frozenset())


def find_unlisted(shape: Shape | None, known: dict[str, KnownShape]) -> Iterator[str]:
    """Members and values that nothing is declared of, in all that a reading looks at."""
    if isinstance(shape, ListShape):
        yield from find_unlisted(shape.member, known)
    elif isinstance(shape, StructureShape):
        declared = known.get(shape.name, WITHOUT_SHAPES)
        yield from (f"{shape.name}.{name}" for name in shape.members if name not in declared.every)
        for name in declared.read & shape.members.keys():
            yield from find_unlisted(shape.members[name], known)
    elif isinstance(shape, StringShape) and shape.enum:
        yield from (
            f"{shape.name} {value}"
            for value in shape.enum
            if value not in known.get(shape.name, WITHOUT_SHAPES).every
        )


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_each_member_and_value_of_the_model_is_known_or_read_as_unknown(service: str, operation: str) -> None:
    model = get_session().get_service_model(service).operation_model(operation)
    unlisted = sorted(set(find_unlisted(model.output_shape, dict(KNOWN_SHAPES[service]))))
    advice = "Decide how each is judged, and list it in lakeformation/observation/parsing.py"
    assert not unlisted, f"{advice}: {', '.join(unlisted)}"


@pytest.mark.parametrize("service", KNOWN_SHAPES)
def test_nothing_is_listed_that_the_model_lacks(service: str) -> None:
    model = get_session().get_service_model(service)
    for name, known in KNOWN_SHAPES[service].items():
        shape = model.shape_for(name)
        members = shape.members if isinstance(shape, StructureShape) else ()
        values = shape.enum if isinstance(shape, StringShape) else ()
        assert known.every == {*members, *values}, name


def test_a_member_that_aws_added_is_found() -> None:
    shape = get_session().get_service_model("lakeformation").shape_for("PrincipalResourcePermissions")
    known = dict(KNOWN_SHAPES["lakeformation"])
    known["Resource"] = KnownShape(JUDGED_KINDS, frozenset(SIDE_KINDS), frozenset({"RLSPolicy"}))
    known["Permission"] = KnownShape(known["Permission"].every - {"EXECUTE"})
    assert set(find_unlisted(shape, known)) == {"Resource.AnyResource", "Permission EXECUTE"}


def test_each_kind_and_verb_is_in_one_list() -> None:
    assert JUDGED_KINDS >= OPT_IN_KINDS
    assert not (JUDGED_KINDS & SIDE_KINDS.keys())
    assert not ((JUDGED_KINDS | SIDE_KINDS.keys()) & UNKNOWN_KINDS.keys())
    assert not TABLE_VERBS & UNKNOWN_VERBS
