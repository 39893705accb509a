"""Rules as people write them: what no rules need is refused before anybody works on it."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from kernel.errors import RefusedError
from kernel.strict_yaml import MAX_DEPTH
from requests_app.policy_editing import yaml_format


@pytest.mark.parametrize("deep", ["[" * 50_000, "{a: " * 12_000, "- " * 25_000])
def test_what_is_nested_too_deeply_is_read_no_further(deep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, read = yaml.scan, []

    def counted(*said: Any, **more: Any) -> Iterator[Any]:
        for token in scan(*said, **more):
            read.append(token)
            yield token

    monkeypatch.setattr(yaml, "scan", counted)
    with pytest.raises(RefusedError, match="nested too deeply"):
        yaml_format.parse_yaml(deep)
    assert len(read) < 5 * MAX_DEPTH


def test_lists_side_by_side_are_not_deep() -> None:
    many = [{"name": f"rule-{number}", "then": {"needs": [{"role": "owner"}]}} for number in range(200)]
    assert yaml_format.parse_yaml(yaml_format.format_yaml(many)) == many
