"""A variable of ours that nothing reads is refused at the start, with the nearest name that is read."""

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from demo.containers.run import OURS, build_service_environment, get_service
from marketplace.environment import READ_ELSEWHERE, refuse_unknown_variables
from marketplace.settings import env
from tests.docs.environment_variables import parse_documented_defaults
from tests.marketplace.production import run_in_production

START = "import django; django.setup()"


def test_a_misspelt_setting_ends_the_start_with_the_nearest_name() -> None:
    done = run_in_production(START, MESHMARKET_SCAN_EVRY="30")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(
        "MESHMARKET_SCAN_EVRY is not a setting: did you mean MESHMARKET_SCAN_EVERY? docs/settings.md lists all settings."
    )


def test_a_name_that_resembles_nothing_is_refused_without_advice() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^MESHMARKET_#\+\+ is not a setting\. docs/settings.md"):
        refuse_unknown_variables({"MESHMARKET_#++": "", "PATH": "/bin"}, env.names)


def test_each_unknown_name_is_told() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"MESHMARKET_HOST is .*\? MESHMARKET_LEASES is .*\?"):
        refuse_unknown_variables({"MESHMARKET_LEASES": "", "MESHMARKET_HOST": ""}, env.names)


@pytest.mark.parametrize(
    "name",
    [
        "MESHMARKET_SERVICE_HOST",
        "MESHMARKET_WEB_SERVICE_PORT_HTTP",
        "MESHMARKET_PORT",
        "MESHMARKET_WEB_PORT_8000_TCP_ADDR",
    ],
)
def test_what_kubernetes_sets_for_our_services_is_let_through(name: str) -> None:
    refuse_unknown_variables({name: "10.0.0.1"}, env.names)


def test_the_known_names_are_the_documented_ones() -> None:
    documented = {name for name in parse_documented_defaults() if name.startswith("MESHMARKET_")}
    known = {name for name in env.names if name.startswith("MESHMARKET_")} | READ_ELSEWHERE
    assert known == documented


@pytest.mark.parametrize("name", [name for name in OURS if "environment" in get_service(name)])
def test_no_service_of_compose_is_given_an_unknown_name(name: str) -> None:
    given = dict.fromkeys(READ_ELSEWHERE | env.names, "x") | {"MESHMARKET_SECRET_KEY": settings.SECRET_KEY}
    refuse_unknown_variables(build_service_environment(name, given), env.names)
