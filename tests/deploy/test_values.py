"""Values are described, and wrong ones are refused in words that help."""

import yaml
from tools.chart import values_table
from tools.chart.renderings import CHART


def objects(part, path=""):
    """Give every object of a schema that has fields of its own, with where it is."""
    if not isinstance(part, dict):
        return
    if isinstance(part.get("properties"), dict):
        yield path, part
    for name, child in part.items():
        yield from objects(child, f"{path}/{name}")


def test_every_value_is_described_and_no_other_is_taken(schema):
    for path, part in objects(schema):
        assert part["additionalProperties"] is False, path
        for name, child in part["properties"].items():
            assert child.get("description", "").endswith((".", "…")), f"{path}/{name}"


def test_every_value_has_a_default(schema):
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert missing(schema, values, schema) == []


def missing(part, values, schema, path=""):
    """Return the values without a default; settings have theirs in the code, and roles in `workload`."""
    found = []
    for name, child in values_table.resolved(part, schema).get("properties", {}).items():
        below = f"{path}.{name}"
        if name in {"settings", "global", "api", "worker", "all", "resources", "listeners"}:
            continue
        if name not in values:
            found.append(below)
        elif isinstance(values[name], dict):
            found += missing(child, values[name], schema, below)
    return found


def test_every_default_is_commented_or_stands_below_a_comment():
    text = (CHART / "values.yaml").read_text()
    for block in text.split("\n\n"):
        assert block.startswith("#"), block


def test_the_readme_lists_the_values():
    assert values_table.README.read_text() == values_table.page(), "run `python -m tools.chart write`"
