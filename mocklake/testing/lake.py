"""A simulated AWS for one test: what the `lake` fixture of the pytest plugin hands out."""

import pickle
import threading
from dataclasses import replace
from functools import cached_property
from io import BytesIO
from types import TracebackType
from typing import Any, Protocol, Self

from werkzeug.serving import BaseWSGIServer

from mocklake import moto_bridge
from mocklake.server.http_server import make_http_server
from mocklake.server.simulator import Simulator
from mocklake.server.snapshot import Pickler
from mocklake.switches import Value
from mocklake.testing.in_process import REGION, InProcess
from mocklake.world import World


class Environment(Protocol):
    """What of pytest's MonkeyPatch is used: it takes back what it set when the test ends."""

    def setenv(self, name: str, value: str) -> None: ...

    def delenv(self, name: str, raising: bool = True) -> None: ...  # noqa: FBT001, FBT002


class Lake:
    """Accounts, clients and the control of one world. Raises SeedError for a seed that cannot be made."""

    def __init__(self, seed: str = "", *, manners: str = "", environ: Environment) -> None:
        self._world = InProcess(seed, manners=manners)
        self._environ = environ

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if "_server" in self.__dict__:
            self._server.shutdown()
            self._server.server_close()

    @property
    def accounts(self) -> dict[str, str]:
        """Names by account id."""
        return dict(self._world.control("accounts"))

    @property
    def endpoint(self) -> str:
        """The address of this world over HTTP, for AWS_ENDPOINT_URL; served from the first use on."""
        return f"http://127.0.0.1:{self._server.port}"

    def client(self, service: str, account: str = "", role: str = "", *, region: str = REGION) -> Any:
        """A boto3 client, as the account's root or one of its roles, without a socket; the first account if none is named."""
        return self._world.client(service, account or next(iter(self.accounts)), role, region=region)

    def credentials(self, account: str, role: str = "", *, region: str = REGION) -> dict[str, str]:
        """Environment variables with which boto3, the AWS CLI or another process reaches this world."""
        keys = self._world.control(f"credentials?account={account}&role={role}")
        found = {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        }
        token = keys.get("SessionToken")
        return found | ({"AWS_SESSION_TOKEN": token} if token else {})

    def act_as(self, account: str, role: str = "", *, region: str = REGION) -> None:
        """Until the test ends, boto3 clients made without keys are this role's and reach this world."""
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            self._environ.delenv(name, raising=False)
        for name, value in self.credentials(account, role, region=region).items():
            self._environ.setenv(name, value)

    def freeze(self) -> bytes:
        """The state as it is now, for `restore`; faults are not part of it."""
        with self._world.here():
            return freeze(self._world.simulator)

    def restore(self, frozen: bytes) -> None:
        """Back to what `freeze` of this test answered; clients stay valid, faults end."""
        with self._world.here():
            restore(self._world.simulator, frozen)

    def set_switches(self, **values: Value) -> None:
        """What is not known of AWS (docs/switches.md). Raises ControlError for a switch or value that is not there."""
        self._world.control("switches", values)

    def set_manners(self, **values: Any) -> None:
        """Rates, late listings and others (docs/manners.md). Raises ControlError for one that is not there."""
        self._world.control("manners", values)

    def add_fault(self, kind: str, **members: Any) -> None:
        """Throttling, errors, lost answers and others (docs/faults.md)."""
        self._world.control("faults", {"kind": kind, **members})

    def end_faults(self) -> None:
        self._world.control("faults", method="DELETE")

    def advance(self, seconds: float) -> None:
        """Moves this world's clock forward: sessions and invitations expire by it."""
        offset = self._world.control("clock")["offset_seconds"]
        self._world.control("clock", {"offset_seconds": offset + seconds})

    def change(self, do: str, account: str, *, region: str = REGION, **members: Any) -> None:
        """Something that happens outside of the code under test (docs/control-api.md)."""
        self._world.control("change", {"do": do, "account": account, "region": region, **members})

    def can_read(self, principal: str, column: str, *, catalog: str, region: str = REGION) -> bool:
        """By the oracle, apart from what a request goes through; `column` is database.table.column."""
        database, table, name = column.split(".")
        query = f"principal={principal}&catalog={catalog}&region={region}"
        asked = f"oracle?{query}&database={database}&table={table}&column={name}"
        return bool(self._world.control(asked)["allowed"])

    @cached_property
    def _server(self) -> BaseWSGIServer:
        server = make_http_server("127.0.0.1", 0, self._serve)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return server

    def _serve(self, environ: dict[str, Any], start_response: Any) -> Any:
        with self._world.here():
            return list(self._world.gateway(environ, start_response))


def freeze(simulator: Simulator) -> bytes:
    """World, moto's state and switches; faults and the log of calls are not part of it."""
    buffer = BytesIO()
    with simulator.world.lock:
        Pickler(buffer, protocol=5).dump({"world": simulator.world, "moto": moto_bridge.dump()})
    return buffer.getvalue()


def restore(simulator: Simulator, frozen: bytes) -> None:
    """Ends all faults; keys that were given out since stay valid. `frozen` must come from `freeze` of this process."""
    state = pickle.loads(frozen)  # noqa: S301
    restored: World = state["world"]
    with simulator.world.lock:
        present = simulator.world.stores["sts"]
        moto_bridge.discard(moto_bridge.exchange({}))
        moto_bridge.load(state["moto"])
        simulator.world.__dict__.update(restored.__dict__ | {"lock": simulator.world.lock})
        keys = restored.stores["sts"]
        simulator.world.stores["sts"] = replace(keys, by_key=present.by_key | keys.by_key)
        simulator.end_faults()
        simulator.wrote()
