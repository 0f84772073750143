#!/usr/bin/env bash
# Kafka as its image starts it: KAFKA_NODE_ID becomes `node.id`, and so on.
set -euo pipefail
settings=/opt/kafka/config/server.properties
: >"$settings"
for variable in "${!KAFKA_@}"; do
    name=${variable#KAFKA_}
    name=${name//_/.}
    echo "${name,,}=${!variable}" >>"$settings"
done

java -Xmx64m -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --ignore-formatted --cluster-id "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$settings"
exec java -Xmx512m -XX:+UseSerialGC -Dlog4j2.level=WARN -cp '/opt/kafka/libs/*' kafka.Kafka "$settings"
