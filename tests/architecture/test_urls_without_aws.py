"""The web process never loads boto3: it has no credentials and no way to AWS. Nor what only workers detect with."""

import os
import secrets
import subprocess
import sys

from demo.bootstrap import ROOT

LOADED = """
import sys, django
django.setup()
from django.urls import get_resolver
def load(patterns):
    for pattern in patterns:
        load(pattern.url_patterns) if hasattr(pattern, 'url_patterns') else pattern.callback
    return len(patterns)
assert load(get_resolver().url_patterns) > 2
print(*sorted(name for name in sys.modules if name.partition('.')[0] in
      {'boto3', 'botocore', 'mocklake', 'demo', 'moto', 'phonenumbers', 'stdnum'} or name.startswith('workers.aws')))
"""


def test_loading_every_url_loads_no_boto3() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    environment |= {
        "DJANGO_SETTINGS_MODULE": "marketplace.settings",
        "MESHMARKET_SECRET_KEY": secrets.token_urlsafe(40),
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOADED],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == []
