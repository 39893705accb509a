"""Named LF-Tag expressions: grants on a name follow its body, so that an update moves what they reach.

Source: service model; DG:managing-tag-expressions, DG:TBAC-deleting-expressions. Making one needs
CREATE_LF_TAG_EXPRESSION on the catalog.
"""

from collections.abc import Iterator
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.lakeformation.authority import Viewer, held_verbs, is_admin, is_creator, is_reader_of_all
from mocklake.lakeformation.changes import viewer_of
from mocklake.lakeformation.lifecycle import forget_expression
from mocklake.lakeformation.pages import Position, page, page_size
from mocklake.lakeformation.resources import (
    Expression,
    Kind,
    Resource,
    catalog_resource,
    read_expression,
    write_expression,
)
from mocklake.lakeformation.store import Book, LFTagExpression, book_of
from mocklake.lakeformation.tags import denied, own_book
from mocklake.world import World

PAGE_LIMIT = 1000
EXPRESSION_LIMIT = 1000


def create_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """InvalidInputException for a name that exists, EntityNotFoundException for tags that do not."""
    book, viewer = own_book(world, caller, params), viewer_of(caller)
    on_catalog = held_verbs(world, viewer, catalog_resource(caller.account))
    if not is_admin(world, viewer) and "CREATE_LF_TAG_EXPRESSION" not in on_catalog:
        raise denied()
    name = params["Name"]
    if name in book.expressions:
        raise AwsError("InvalidInputException", f"LF-Tag expression already exists: {name}")
    if len(book.expressions) >= EXPRESSION_LIMIT:
        text = f"A catalog has at most {EXPRESSION_LIMIT} LF-Tag expressions."
        raise AwsError("ResourceNumberLimitExceededException", text)
    body = _body(book, params)
    book.expressions[name] = LFTagExpression(name, body, params.get("Description", ""), caller.arn)
    return {}


def get_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Of another catalog too, where DESCRIBE was granted."""
    catalog_id = params.get("CatalogId") or caller.account
    return _answer(catalog_id, _found(world, caller, catalog_id, params["Name"], "DESCRIBE"))


def update_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Replaces the body, and the description if one is given; permission rows stay as they are."""
    book = own_book(world, caller, params)
    found = _found(world, caller, caller.account, params["Name"], "ALTER")
    found.body = _body(book, params)
    found.description = params.get("Description", found.description)
    return {}


def delete_lf_tag_expression(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Its grants go with it (DG:TBAC-deleting-expressions)."""
    book = own_book(world, caller, params)
    name = _found(world, caller, caller.account, params["Name"], "DROP").name
    del book.expressions[name]
    forget_expression(world, caller.region, caller.account, name)
    return {}


def list_lf_tag_expressions(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
    """Those that the caller may see."""
    catalog_id = params.get("CatalogId") or caller.account
    expressions = book_of(world, catalog_id, caller.region).expressions

    def items(start: Position | None) -> Iterator[tuple[Position, dict[str, Any]]]:
        del start
        for name in sorted(expressions):
            if _may(world, viewer_of(caller), catalog_id, name, "DESCRIBE"):
                yield [name], _answer(catalog_id, expressions[name])

    size, token = page_size(params, PAGE_LIMIT), params.get("NextToken")
    found, more = page(items, shape=(str,), token=token, size=size)
    return {"LFTagExpressions": found} | ({"NextToken": more} if more else {})


def _found(world: World, caller: Caller, catalog_id: str, name: str, verb: str) -> LFTagExpression:
    found = book_of(world, catalog_id, caller.region).expressions.get(name)
    viewer = viewer_of(caller)
    if found is None and catalog_id == caller.account and is_reader_of_all(world, viewer):
        raise AwsError("EntityNotFoundException", f"LF-Tag expression does not exist: {name}")
    if found is None or not _may(world, viewer, catalog_id, name, verb):
        raise denied()
    return found


def _may(world: World, viewer: Viewer, catalog_id: str, name: str, verb: str) -> bool:
    resource = Resource(Kind.LF_NAMED_TAG_EXPRESSION, catalog_id, expression_name=name)
    if catalog_id == viewer.account:
        if is_admin(world, viewer) or is_creator(world, viewer, resource):
            return True
        if verb == "DESCRIBE" and is_reader_of_all(world, viewer):
            return True
    return verb in held_verbs(world, viewer, resource)


def _body(book: Book, params: dict[str, Any]) -> Expression:
    body = read_expression(params["Expression"])
    for key, values in body:
        if key not in book.tags or set(values) - set(book.tags[key].values):
            raise AwsError("EntityNotFoundException", "Tag or tag value does not exist.")
    return body


def _answer(catalog_id: str, one: LFTagExpression) -> dict[str, Any]:
    described = {"Description": one.description} if one.description else {}
    body = {"CatalogId": catalog_id, "Name": one.name, "Expression": write_expression(one.body)}
    return body | described
