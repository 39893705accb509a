"""The embedded Valkey: on a private socket, and gone when stopped."""

import tempfile
from pathlib import Path

import redis

from demo.embedded.child_process import has_ended
from demo.embedded.state_folder import StateFolder
from demo.embedded.valkey import Valkey, find_valkey


def test_it_answers_on_its_socket_again_after_a_kill_and_leaves_no_process() -> None:
    program = find_valkey()
    assert program is not None
    with tempfile.TemporaryDirectory(prefix="mm-") as temporary:
        folder = StateFolder(Path(temporary))
        folder.acquire()
        valkey = Valkey(folder, program)
        valkey.start()
        first = valkey.pid
        valkey.kill()
        valkey.start()
        with redis.Redis.from_url(valkey.url()) as client:
            assert client.ping()
        second = valkey.pid
        valkey.stop()
        folder.release()
    assert first is not None
    assert second is not None
    assert first != second
    assert has_ended(first)
    assert has_ended(second)
