"""What the chart makes is as Kubernetes and its makers want it."""

from itertools import product

from tests.deploy.chart import Manifests, key_files, service_of
from tools.chart.manifests import kind_of, own_faults, read
from tools.chart.renderings import KUBERNETES, examples, rendered

STATEFUL = {"StatefulSet", "PersistentVolumeClaim", "PersistentVolume", "Secret"}
POWERFUL = {"Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"}
END_SECONDS = 10
"""How long a process takes to end at most, see docs/operations.md."""


def test_kubernetes_knows_every_field(manifests):
    assert list(own_faults(manifests.objects, KUBERNETES)) == []


def test_no_object_is_there_twice(manifests):
    names = [(*kind_of(found), found["metadata"]["name"]) for found in manifests.objects]
    assert len(set(names)) == len(names)


def test_nothing_keeps_data_and_nothing_has_rights(manifests):
    assert manifests.of(*STATEFUL, *POWERFUL) == []


def test_pods_are_restricted(manifests):
    """Pod Security Standard "restricted", and a root file system that is read-only."""
    for pod in manifests.pods.values():
        spec, (container,) = pod["spec"], pod["spec"]["containers"]
        assert spec["securityContext"]["runAsNonRoot"]
        assert spec["securityContext"]["runAsUser"] >= 10_000
        assert not spec["automountServiceAccountToken"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert {*volume_kinds(spec)} <= {"emptyDir", "projected", "configMap"}


def volume_kinds(spec):
    return [kind for volume in spec["volumes"] for kind in volume if kind != "name"]


def test_pods_ask_for_what_they_need(manifests):
    for pod in manifests.pods.values():
        (container,) = pod["spec"]["containers"]
        assert {"cpu", "memory"} <= container["resources"]["requests"].keys()
        assert container["resources"]["limits"].keys() == {"memory"}


def test_nobody_is_restarted_because_a_database_is_away(manifests):
    for deployment in manifests.of("Deployment"):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        probes = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
        assert probes == {"startup": "/startup", "liveness": "/live", "readiness": "/ready"}


def test_a_pod_has_the_time_to_end(manifests):
    for deployment in manifests.of("Deployment"):
        spec = deployment["spec"]["template"]["spec"]
        pause = spec["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
        assert spec["terminationGracePeriodSeconds"] >= pause + END_SECONDS


def test_each_workload_keeps_a_pod_while_nodes_are_drained(manifests):
    budgets = {found["metadata"]["name"]: found["spec"] for found in manifests.of("PodDisruptionBudget")}
    assert budgets.keys() == {found["metadata"]["name"] for found in manifests.of("Deployment")}
    assert {budget["maxUnavailable"] for budget in budgets.values()} == {1}


def test_only_audit_has_the_key_of_the_checkpoints(manifests):
    for pod in manifests.pods.values():
        keys = next(volume["projected"] for volume in pod["spec"]["volumes"] if volume["name"] == "keys")
        assert key_files(pod) == ({"issuer.pem", "audit.pem"} if service_of(pod) == "audit" else {"issuer.pem"})
        # What Kubernetes mounts belongs to root and to the group of the process; see key_file.
        assert keys["defaultMode"] == 0o440
        assert pod["spec"]["securityContext"]["fsGroup"] == pod["spec"]["securityContext"]["runAsGroup"]


def test_every_pod_is_silent_but_for_what_it_needs(manifests):
    policies = manifests.of("NetworkPolicy")
    (deny,) = [policy["spec"] for policy in policies if "egress" not in policy["spec"]]
    assert "ingress" not in deny
    for name, pod in manifests.pods.items():
        labels = pod["metadata"]["labels"].items()
        assert deny["podSelector"]["matchLabels"].items() <= labels
        chosen = [policy for policy in policies if policy["spec"]["podSelector"]["matchLabels"].items() <= labels]
        assert len(chosen) == 2, name


def test_who_calls_a_service_is_let_through_at_both_ends(manifests, facts):
    pods = {name: pod["metadata"]["labels"] for name, pod in manifests.pods.items()}
    servers = {name: found for name, found in pods.items() if found.get("aktenfluss.de/role") in {"api", "all"}}
    for (name, caller), (target, called) in product(pods.items(), servers.items()):
        service = caller["app.kubernetes.io/component"]
        if called["app.kubernetes.io/component"] in facts.get(service, {"calls": []})["calls"]:
            assert reaches(manifests.named("NetworkPolicy", name)["spec"]["egress"], "to", called), (name, target)
            assert reaches(manifests.named("NetworkPolicy", target)["spec"]["ingress"], "from", caller), (name, target)


def reaches(rules, side, labels):
    peers = [peer["podSelector"]["matchLabels"] for rule in rules for peer in rule[side] if "podSelector" in peer]
    return any(peer.items() <= labels.items() for peer in peers)


def test_no_controller_is_named_but_by_its_class(manifests):
    annotations = [key for route in manifests.of("HTTPRoute") for key in route["metadata"].get("annotations", {})]
    assert annotations == []


def test_a_deployment_selects_the_same_pods_whatever_its_role():
    """Kubernetes refuses an upgrade that changes whom a Deployment selects."""
    town, city = (Manifests(read(rendered(example))) for example in examples()[:2])
    for deployment in town.of("Deployment"):
        other = city.named("Deployment", deployment["metadata"]["name"])
        assert deployment["spec"]["selector"] == other["spec"]["selector"]
