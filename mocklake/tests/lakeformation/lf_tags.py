"""LF-Tags as tests name them: plain values by key."""

from typing import Any

from mocklake.iam.callers import Caller
from mocklake.tests.lakeformation.worlds import ADMIN, PRODUCER, lf
from mocklake.world import World

Tags = dict[str, tuple[str, ...]]


def on_tag(key: str, *values: str, catalog: str = PRODUCER) -> dict[str, Any]:
    return {"LFTag": {"CatalogId": catalog, "TagKey": key, "TagValues": list(values)}}


def expression(tags: Tags) -> list[dict[str, Any]]:
    return [{"TagKey": key, "TagValues": list(values)} for key, values in tags.items()]


def on_policy(tags: Tags, kind: str = "TABLE", catalog: str = PRODUCER) -> dict[str, Any]:
    return {"LFTagPolicy": {"CatalogId": catalog, "ResourceType": kind, "Expression": expression(tags)}}


def make_tags(world: World, tags: Tags) -> None:
    for key, values in tags.items():
        lf(world, ADMIN, "CreateLFTag", TagKey=key, TagValues=list(values))


def assign(world: World, resource: dict[str, Any], key: str, value: str, who: Caller = ADMIN) -> list[Any]:
    """What failed."""
    pair = {"TagKey": key, "TagValues": [value]}
    failures: list[Any] = lf(world, who, "AddLFTagsToResource", Resource=resource, LFTags=[pair])["Failures"]
    return failures
