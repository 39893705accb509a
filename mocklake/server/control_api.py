"""The control API below `/_mocklake/`: what a demonstration or a test does that AWS has no call for.

Every path but `health` asks for the header `X-Mocklake-Token`; the token lies in the state folder, readable
by its owner alone.
"""

import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from werkzeug import Request, Response

from mocklake import manners, moto_bridge, servicequotas, switches
from mocklake.errors import AwsError
from mocklake.iam import access_keys
from mocklake.oracle.columns import can_read
from mocklake.server import follow_up_events, out_of_band_changes
from mocklake.server.simulator import Simulator

TOKEN_FILE = "control-token"  # noqa: S105
SESSION_SECONDS = 3600


def token_of(folder: Path) -> str:
    """The folder's control token, made at first need with mode 0600."""
    path = folder / TOKEN_FILE
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


class Control:
    """Answers JSON; a wrong request gets 400 with `{"error": …}`."""

    def __init__(self, simulator: Simulator, token: str) -> None:
        self.simulator = simulator
        self._token = token
        self._actions: dict[str, Callable[[Request], Any]] = {
            "GET credentials": self._credentials,
            "GET accounts": lambda _request: self.simulator.world.accounts,
            "POST faults": lambda request: asdict(self.simulator.faults.add(_body(request))),
            "GET faults": lambda _request: self.simulator.faults.described(),
            "DELETE faults": lambda _request: self.simulator.end_faults(),
            "POST change": lambda request: out_of_band_changes.make_change(self.simulator, _body(request)),
            "GET manners": lambda _request: manners.described(self.simulator.world),
            "POST manners": self._change_manners,
            "GET switches": lambda _request: switches.described(self.simulator.world),
            "POST switches": self._turn_switches,
            "GET clock": self._clock,
            "POST clock": self._set_clock,
            "GET unimplemented": lambda _request: dict(self.simulator.calls.unimplemented),
            "GET calls": lambda request: self.simulator.calls.since(int(request.args.get("since", 0))),
            "POST reset": lambda request: self.simulator.reset(_seed(request)),
            "GET oracle": self._oracle,
            "POST trail": lambda request: follow_up_events.set_trail(self.simulator.world, _body(request)),
            "POST quotas": lambda request: servicequotas.put(self.simulator.world, _body(request)),
            "GET deliveries": lambda _request: follow_up_events.failed_deliveries(self.simulator.world),
        }

    def answer(self, request: Request) -> Response:
        name = request.path.removeprefix("/_mocklake/").strip("/")
        if name == "health":
            return self._health()
        if not hmac.compare_digest(
            request.headers.get("X-Mocklake-Token", "").encode(), self._token.encode()
        ):
            return _json({"error": "X-Mocklake-Token is missing or wrong"}, 403)
        action = self._actions.get(f"{request.method} {name}")
        if action is None:
            return _json({"error": f"no {request.method} {name}"}, 404)
        try:
            return _json(action(request))
        except AwsError as error:
            return _json({"error": error.message, "code": error.code}, error.status)
        except (ValueError, TypeError, KeyError) as error:
            return _json({"error": str(error)}, 400)

    def _health(self) -> Response:
        """503 while the state cannot be written: calls are answered, and a kill would lose them."""
        accounts, snapshot = len(self.simulator.world.accounts), self.simulator.snapshot_health
        if snapshot.is_ok:
            return _json({"ok": True, "accounts": accounts})
        return _json({"ok": False, "accounts": accounts, "snapshot": snapshot.described()}, 503)

    def _credentials(self, request: Request) -> dict[str, Any]:
        """Answers with credentials of an account's root, or with `role` of that role, without asking its trust policy."""
        account, name = request.args["account"], request.args.get("role")
        with self.simulator.world.lock:
            made = (
                self._role_session(account, name)
                if name
                else access_keys.root_key(self.simulator.world, account)
            )
        self.simulator.wrote()
        return {
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret,
            "SessionToken": made.token,
            "Expiration": made.expires.isoformat() if made.expires else None,
            "Arn": made.session_arn,
        }

    def _role_session(self, account: str, name: str) -> access_keys.Credential:
        role = moto_bridge.role(account, name) if account in self.simulator.world.accounts else None
        if role is None:
            raise AwsError("NoSuchEntity", f"account {account} has no role {name}", status=404)
        world = self.simulator.world
        lasting = access_keys.store(world).long_lived_roles
        if role.arn in lasting:
            return access_keys.long_lived_key(world, role.arn, role.id)
        return access_keys.open_session(world, role.arn, role.id, "control", seconds=SESSION_SECONDS)

    def _turn_switches(self, request: Request) -> dict[str, Any]:
        """`{name: value, …}`; all or none are turned."""
        with self.simulator.world.lock:
            switches.turn(self.simulator.world, _body(request))
        self.simulator.wrote()
        return switches.described(self.simulator.world)

    def _change_manners(self, request: Request) -> dict[str, Any]:
        with self.simulator.world.lock:
            manners.change(self.simulator.world, _body(request))
        self.simulator.wrote()
        return manners.described(self.simulator.world)

    def _clock(self, _request: Request) -> dict[str, Any]:
        world = self.simulator.world
        return {"offset_seconds": world.clock_offset.total_seconds(), "now": world.now().isoformat()}

    def _set_clock(self, request: Request) -> dict[str, Any]:
        with self.simulator.world.lock:
            self.simulator.world.clock_offset = timedelta(seconds=float(_body(request)["offset_seconds"]))
        self.simulator.wrote()
        return self._clock(request)

    def _oracle(self, request: Request) -> dict[str, Any]:
        names = ("principal", "catalog", "region", "database", "table", "column")
        row = json.loads(request.args["row"]) if "row" in request.args else None
        with self.simulator.world.lock:
            asked = (request.args[name] for name in names)
            verdict = can_read(self.simulator.world, *asked, row=row)
        return asdict(verdict)


def _body(request: Request) -> dict[str, Any]:
    body = json.loads(request.get_data())
    if not isinstance(body, dict):
        raise TypeError("the body is no JSON object")
    return body


def _seed(request: Request) -> str:
    """The one to go back to; without a body the present one."""
    seed = _body(request).get("seed", "") if request.get_data() else ""
    if not isinstance(seed, str):
        raise TypeError("seed is a text")
    return seed


def _json(content: Any, status: int = 200) -> Response:
    return Response(json.dumps(content), status, content_type="application/json")
