"""Nobody reaches what is not named for them."""

import pytest
from tools.kubernetes import network
from tools.servers import ServerError

from .installation import Installation

pytestmark = pytest.mark.kubernetes
CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)"


@pytest.mark.skipif(not network.ENFORCES_POLICIES, reason="the bridge plugin of CNI does not enforce NetworkPolicies")
def test_the_gateway_does_not_reach_the_databases(installation: Installation) -> None:
    where = (network.ADDRESS, str(installation.servers.postgres.port))

    with pytest.raises(ServerError, match="timed out"):
        installation.kubectl("exec", "deployment/aktenfluss-gateway", "--", "python", "-c", CONNECT, *where)
