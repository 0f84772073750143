"""The processes of a cluster, as the figures count them: those of the product, and the servers below."""

from tests.cluster.installation import Cluster


def product_pids(cluster: Cluster) -> list[int]:
    """Return the processes of the product, the door with them."""
    return [cluster.door.pid, *(process.pid for process in cluster.processes.values())]


def server_pids(cluster: Cluster) -> list[int]:
    """Return PostgreSQL, Kafka and the store."""
    return [server.pid for server in (cluster.servers.postgres, cluster.servers.kafka, cluster.servers.store)]


def pids_of(cluster: Cluster) -> list[int]:
    return product_pids(cluster) + server_pids(cluster)
