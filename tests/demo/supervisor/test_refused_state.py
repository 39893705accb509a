"""A state folder whose database other migrations made."""

import os
from pathlib import Path

import pytest
from django.db import connection

from demo.embedded.child_process import EmbeddedError
from demo.embedded.state_folder import StateFolder
from demo.embedded.throwaway_services import SERVER_VARIABLE, build_role_urls
from demo.supervisor.supervisor import Supervisor
from tests.database import TestDatabase, as_role


def test_it_is_refused_in_one_line_that_advises_fresh(committed: TestDatabase, tmp_path: Path) -> None:
    with as_role("meshmarket_owner"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audit', '0001_initial', now())"
        )
    folder = StateFolder(tmp_path / "state")
    folder.acquire()
    supervisor = Supervisor(folder, port=0, write_line=print)
    supervisor.service_urls = build_role_urls(os.environ[SERVER_VARIABLE], committed.name)
    with pytest.raises(EmbeddedError) as refused:
        supervisor.run_command("migrate", "--verbosity", "0", process="owner")
    folder.release()
    line = str(refused.value)
    assert line.startswith(
        "manage.py migrate failed: CommandError: This database was made by migrations that"
    )
    assert "manage.py demo and manage.py local make one with --fresh." in line
    assert "\n" not in line
