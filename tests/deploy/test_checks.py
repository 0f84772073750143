"""The checks of the manifests find what is wrong with one."""

import pytest
import yaml
from tools.chart.manifests import extended_faults, own_faults, schemas_of
from tools.chart.renderings import KUBERNETES

ROUTE = {"apiVersion": "doors.example/v1", "kind": "Route", "metadata": {"name": "r"}}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "spec": {
        "group": "doors.example",
        "names": {"kind": "Route"},
        "versions": [
            {
                "name": "v1",
                "schema": {
                    "openAPIV3Schema": {
                        "properties": {
                            "apiVersion": {"type": "string"},
                            "kind": {"type": "string"},
                            "metadata": {"type": "object"},
                            "spec": {
                                "properties": {"port": {"type": "integer"}, "properties": {"type": "string"}},
                                "anyOf": [{"properties": {"port": {"minimum": 1}}}],
                            },
                        },
                    }
                },
            }
        ],
    },
}


@pytest.fixture
def schemas(tmp_path):
    path = tmp_path / "definitions.yaml"
    path.write_text(yaml.safe_dump(DEFINITION))
    return schemas_of([path])


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ({"replicas": "two"}, "spec.replicas: 'two' is not of type"),
        ({"replicsa": 2}, "'replicsa' was unexpected"),
    ],
)
def test_a_wrong_field_of_kubernetes_is_found(spec, fault):
    needed = {"selector": {}, "template": {}}
    deployment = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": needed | spec}
    (found,) = own_faults([deployment], KUBERNETES)
    assert fault in found


def test_a_right_object_of_somebody_else_has_no_fault(schemas):
    route = ROUTE | {"spec": {"port": 80, "properties": "a name that is also a keyword"}}
    assert list(extended_faults([route], schemas)) == []


@pytest.mark.parametrize(
    ("spec", "fault"),
    [
        ({"port": "http"}, "Route r: spec.port: 'http' is not of type 'integer'"),
        ({"prot": 80}, "'prot' was unexpected"),
        ({"port": 0}, "is not valid under any of the given schemas"),
    ],
)
def test_a_wrong_field_of_somebody_else_is_found(schemas, spec, fault):
    (found,) = extended_faults([ROUTE | {"spec": spec}], schemas)
    assert fault in found


def test_an_object_that_nobody_defines_is_found(schemas):
    (found,) = extended_faults([ROUTE | {"kind": "Rout"}], schemas)
    assert found == "Rout r: nobody defines ('doors.example/v1', 'Rout')"
