"""Sets the database, the database role, the broker and the AWS endpoint of this process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import environ
from botocore import handlers
from django.conf import settings
from django.db import connection, connections
from django.test.utils import override_settings

from background.broker import build_broker_settings
from demo.bank.accounts import GOVERNANCE, REGION, WORKER_ROLE
from marketplace.celery import app
from mocklake.testing.in_process import ENDPOINT, InProcess
from workers.aws import sessions


def use_database(address: str) -> None:
    """From here on this process's models are read and written at that address."""
    connections.close_all()
    connections["default"].settings_dict.update(environ.Env.db_url_config(address))


@contextmanager
def use_broker(url: str) -> Iterator[None]:
    """Messages of this process are sent there inside the block."""
    try:
        with override_settings(BROKER_URL=url):
            _configure_broker(url)
            yield
    finally:
        _configure_broker(settings.BROKER_URL)


def _configure_broker(url: str) -> None:
    app.conf.update(build_broker_settings(url))
    app.amqp._producer_pool = None  # type: ignore[attr-defined] # noqa: SLF001 - made for the previous broker


def set_session_role(role: str) -> None:
    """The rest of this thread's session speaks as that role; the session's own must be allowed to."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")


def set_thread_role(role: str) -> None:
    """Every session of this thread speaks as that role, also one that takes the place of a broken one."""
    connection.close()
    options = {**connection.settings_dict["OPTIONS"], "options": f"-c role={role}"}
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}


@contextmanager
def use_aws(address: str, region: str, keys: Mapping[str, str]) -> Iterator[None]:
    """Clients made inside the block find this AWS and these keys (`AccessKeyId`, `SecretAccessKey`)."""
    ours = {
        "AWS_ENDPOINT_URL": address,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
    }
    before = {name: os.environ.get(name) for name in (*ours, "AWS_SESSION_TOKEN")}
    os.environ.update(ours)
    os.environ.pop("AWS_SESSION_TOKEN", None)
    sessions.clear_sessions()
    try:
        yield
    finally:
        sessions.clear_sessions()
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


@contextmanager
def use_in_process_aws(aws: InProcess) -> Iterator[None]:
    """Every boto3 client that is made inside the block speaks to that mocklake, with the worker's own keys."""
    keys = aws.control(f"credentials?account={GOVERNANCE}&role={WORKER_ROLE}")
    hook = ("before-send", aws.answer)
    handlers.BUILTIN_HANDLERS.append(hook)
    try:
        with use_aws(ENDPOINT, REGION, keys):
            yield
    finally:
        handlers.BUILTIN_HANDLERS.remove(hook)
