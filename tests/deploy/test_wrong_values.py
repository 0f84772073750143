"""Values that cannot be installed are refused by Helm, in a sentence that says what is wrong."""

import pytest
from tools.chart.programs import helm_3, helm_4
from tools.chart.renderings import CHART, examples, render
from tools.servers import ServerError

pytestmark = pytest.mark.chart
SMALL_TOWN = examples()[0]

WRONG = [
    # What the schema refuses: a typing error, another type, a value out of bounds.
    ("image.registri=x", "at '/image': additional properties 'registri' not allowed"),
    ("workload.replicas=two", "at '/workload/replicas': got string, want integer"),
    ("workload.replicas=-1", "at '/workload/replicas': minimum: got -1, want 0"),
    (
        "workload.resources.limits.memori=1Gi",
        "at '/workload/resources/limits': additional properties 'memori' not allowed",
    ),
    ("services.cases.settings.GRANT_SECOND=60", "additional properties 'GRANT_SECOND' not allowed"),
    ("services.cases.settings.GRANT_SECONDS=3600", "GRANT_SECONDS': maximum: got 3,600, want 300"),
    ("services.documents.settings.PAGE_WORKERS=0", "PAGE_WORKERS': minimum: got 0, want 1"),
    ("settings.LOG_LEVEL=loud", "LOG_LEVEL': 'loud' does not match pattern '^(debug|info|warning|error)$'"),
    ("settings.SECRET=abc", "at '/settings': additional properties 'SECRET' not allowed"),
    ("services.cases.roles={api,cron}", "value must be one of 'api', 'worker', 'all'"),
    ("services.scanner.roles={all}", "at '/services': additional properties 'scanner' not allowed"),
    ("services.cases.digest=latest", "digest': 'latest' does not match pattern"),
    ("runAs.user=0", "at '/runAs/user': minimum: got 0, want 1"),
    ("door.listeners.everybody.port=https", "port': got string, want integer"),
    ("door.listeners.Staff.port=1", "'Staff' does not match pattern"),
    ("networkPolicy.egress.database.to[0].cidr=10.0.0.1/32", "additional properties 'cidr' not allowed"),
    ("networkPolicy.egress.database.to[0].ipBlock.cidr=db", "cidr': 'db' does not match pattern"),
    ("smoke.url=akten.example", "url': 'akten.example' does not match pattern"),
    # What is possible by itself and impossible together.
    (
        "door.listeners.everybody.hostname=,door.listeners.staff.port=443,door.listeners.staff.services={cases}",
        "door.listeners.everybody.hostname is empty: staff has the same port",
    ),
    (
        "backup.enabled=true",
        "backup.secret.name is empty: name the Secret that holds DATABASE_BACKUP_URL under the key",
    ),
    ("backup.schedule=daily", "schedule': 'daily' does not match pattern"),
    ("secrets.database.name=", 'secrets.database.name is empty: name the Secret that holds it under the key "url".'),
    ("auth.issuer=", "auth.issuer is empty: give the URL of the authority's OIDC provider"),
    ("auth.issuer=http://idp", 'auth.issuer is "http://idp": an OIDC provider is reached by https://.'),
    ("services.cases.roles={api}", "services.cases.roles is [api]: take [api, worker], or [all] for both"),
    ("services.cases.roles={api,all}", "services.cases.roles is [api, all]: take [api, worker], or [all]"),
    (
        "services.gateway.roles={worker}",
        "services.gateway.roles is [worker]: it has no work behind requests, take [api].",
    ),
    ("services.cases=null", "services.cases is missing: the product needs all of its services."),
    ("workload.preStopSeconds=25", "terminationGracePeriodSeconds is 30, but preStopSeconds (25) and the ten seconds"),
    ("workload.autoscaling.minReplicas=9", "minReplicas is 9, more than maxReplicas, 6."),
    ("keda.enabled=true", "keda.prometheusUrl is empty: KEDA asks Prometheus how much is waiting"),
    ("door.existingGateway.name=", "door.gatewayClassName is empty: name the GatewayClass of your controller"),
    ("door.gatewayClassName=x", "door.gatewayClassName and door.existingGateway exclude each other"),
    ("door.listeners.everybody.services={cases,desk}", 'door.listeners.everybody.services names "desk": there are'),
    (
        "door.envoy.enabled=true",
        "door.envoy.jwksUri is empty: give the URL at which the OIDC provider publishes its keys",
    ),
    ("smoke.url=", "smoke.url is empty: give the URL of the door as a pod sees it, or set smoke.enabled to false."),
    ("networkPolicy.metrics=null", "at '/networkPolicy': missing property 'metrics'"),
    ("networkPolicy.egress.eventBus.to=[]", "networkPolicy.egress.eventBus.to is empty: say where it is"),
    ("networkPolicy.door=[]", "networkPolicy.door is empty: name the pods of the door"),
    ("settings.TRACES_ENDPOINT=http://collector:4318/v1/traces", "networkPolicy.egress.traces.to is empty: say where"),
    ("monitoring.serviceMonitor=true", "networkPolicy.metrics is empty: name the pods of Prometheus"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG, ids=[wrong for wrong, _ in WRONG])
def test_a_wrong_value_is_told_in_a_sentence(wrong, sentence):
    with pytest.raises(ServerError) as refused:
        render(helm_4(), SMALL_TOWN, "--set-json" if wrong.endswith("[]") else "--set", wrong)
    assert sentence in str(refused.value)


def test_all_that_is_missing_is_told_at_once():
    with pytest.raises(ServerError) as refused:
        render(helm_4(), CHART / "values.yaml")
    assert str(refused.value).count("is empty:") == 14


def test_the_helm_before_refuses_the_same():
    with pytest.raises(ServerError, match="additional properties 'registri' not allowed"):
        render(helm_3(), SMALL_TOWN, "--set", "image.registri=x")
