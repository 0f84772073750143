"""Descriptions of services become one, and nothing in it changes its meaning."""

from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.gateway.domain.api_description import collections, components_of, merge, references

NAMES = ("Page", "Item", "Problem")


def reference(name):
    return {"$ref": f"#/components/schemas/{name}"}


def description(paths=(), version="1.0.0", **schemas):
    return {
        "openapi": "3.1.0",
        "info": {"title": "A service", "version": version, "description": "What it is for."},
        "paths": {path: {"get": {"responses": {"200": reference("Item")}}} for path in paths},
        "components": {"schemas": schemas},
    }


def test_paths_of_all_services_are_told_and_tagged():
    merged = merge({"scans": description(["/v1/deliveries"]), "cases": description(["/v1/case-files"])})

    assert {path: item["get"]["tags"] for path, item in merged["paths"].items()} == {
        "/v1/case-files": ["cases"],
        "/v1/deliveries": ["scans"],
    }
    assert [tag["name"] for tag in merged["tags"]] == ["cases", "scans"]


def test_a_component_that_is_the_same_everywhere_is_told_once():
    problem = {"type": "object"}
    merged = merge({"cases": description(Problem=problem), "scans": description(Problem=problem)})

    assert merged["components"]["schemas"] == {"Problem": problem}


def test_components_that_differ_are_kept_apart():
    one, other = {"type": "object"}, {"type": "string"}
    merged = merge({"cases": description(["/v1/a"], Item=one), "scans": description(["/v1/b"], Item=other)})

    assert merged["components"]["schemas"] == {"cases.Item": one, "scans.Item": other}
    assert merged["paths"]["/v1/a"]["get"]["responses"]["200"] == reference("cases.Item")
    assert merged["paths"]["/v1/b"]["get"]["responses"]["200"] == reference("scans.Item")


def test_a_component_is_kept_apart_if_what_it_refers_to_is():
    page = {"items": reference("Item")}
    merged = merge(
        {
            "cases": description(Page=page, Item={"type": "object"}),
            "scans": description(Page=page, Item={"type": "string"}),
        }
    )

    assert merged["components"]["schemas"]["cases.Page"] == {"items": reference("cases.Item")}
    assert merged["components"]["schemas"]["scans.Page"] == {"items": reference("scans.Item")}


def test_what_refers_to_itself_is_told_once():
    tree = {"children": reference("Item")}

    assert merge({"cases": description(Item=tree), "scans": description(Item=tree)})["components"]["schemas"] == {
        "Item": tree
    }


def test_the_version_is_the_newest():
    merged = merge({"cases": description(version="1.9.0"), "scans": description(version="1.10.0")})

    assert merged["info"]["version"] == "1.10.0"


def test_collections_are_the_beginnings_of_paths():
    described = description(["/v1/case-files", "/v1/case-files/{id}/entries", "/v1/case-files:import", "/problems"])

    assert collections(described) == ["/v1/case-files"]


SCHEMAS = st.dictionaries(
    st.sampled_from(NAMES), st.fixed_dictionaries({"type": st.sampled_from(["object", "string"])})
)
REFERRING = st.builds(
    lambda schemas, links: schemas | {name: {"items": reference(to)} for name, to in links.items() if to in schemas},
    SCHEMAS,
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(NAMES)),
)


def expanded(schemas, name, depth=4):
    """Return what `name` means, so deep as names can be nested."""
    schema = schemas[name]
    if "items" not in schema or depth == 0:
        return schema.get("type", "…")
    return [expanded(schemas, schema["items"]["$ref"].rpartition("/")[2], depth - 1)]


@given(st.dictionaries(st.sampled_from(["audit", "cases", "scans"]), REFERRING, min_size=1))
def test_merging_keeps_the_meaning_of_every_component(services):
    merged = merge({service: description(**schemas) for service, schemas in services.items()})
    found = merged["components"].get("schemas", {})

    for service, schemas in services.items():
        for name in schemas:
            told = f"{service}.{name}" if f"{service}.{name}" in found else name
            assert expanded(found, told) == expanded(schemas, name)
    assert set(references(merged["components"])) <= {name for name, _ in components_of(merged)}
