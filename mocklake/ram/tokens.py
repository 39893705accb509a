"""Client tokens: a call that comes again with its token is answered as before and does nothing.

Source: RAM API reference. The same token with other parameters is IdempotentParameterMismatchException.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from mocklake.errors import AwsError
from mocklake.iam.callers import Caller
from mocklake.ram.store import store_of
from mocklake.world import World

Handler = Callable[[World, Caller, dict[str, Any]], dict[str, Any]]
KEPT = 1_000
LONGEST = 64


def once(operation: str, handler: Handler) -> Handler:
    """The handler, which does its work once for each token of an account; the answer carries the token."""

    def answer(world: World, caller: Caller, params: dict[str, Any]) -> dict[str, Any]:
        token = params.get("clientToken")
        if token is None:
            return handler(world, caller, params)
        if not token or len(token) > LONGEST:
            raise AwsError("InvalidClientTokenException", f"The client token {token} is not valid.")
        answered, key = store_of(world).answered, (caller.account, operation, token)
        if key not in answered:
            made = handler(world, caller, params) | {"clientToken": token}
            answered[key] = deepcopy(params), made
            _forget_oldest(answered)
        asked, given = answered[key]
        if asked != params:
            text = f"The client token {token} was used with other parameters."
            raise AwsError("IdempotentParameterMismatchException", text)
        return deepcopy(given)

    return answer


def _forget_oldest(answered: dict[tuple[str, str, str], tuple[Any, Any]]) -> None:
    while len(answered) > KEPT:
        del answered[next(iter(answered))]
