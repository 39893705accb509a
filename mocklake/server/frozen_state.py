"""The whole state as bytes, and back to it: for tests that begin many times at the same point."""

import pickle
from dataclasses import replace
from io import BytesIO

from mocklake import moto_bridge
from mocklake.server.pickling import Pickler
from mocklake.server.simulator import Simulator
from mocklake.world import World


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
