"""A Kafka URL is taken whole or refused with the part that is wrong, and never tells its password."""

import ssl
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aktenfluss.servicekit import SettingsError
from aktenfluss.servicekit.events.kafka_url import KafkaAddress, Security


def test_hosts_alone_mean_plain_text_and_three_copies():
    address = KafkaAddress.parse("kafka://one:9092,two.example:9093,[::1]:9094")
    assert address == KafkaAddress(("one:9092", "two.example:9093", "[::1]:9094"))
    assert (address.security, address.replication, address.prefix) == (Security.PLAINTEXT, 3, "")
    assert address.client_options()["security_protocol"] == "PLAINTEXT"


def test_every_parameter_is_taken(tmp_path):
    address = KafkaAddress.parse(f"kafka://app:pw@k:1?security=sasl_tls&ca={tmp_path}/ca&replication=1&prefix=city-a.")
    assert address.security is Security.SASL_TLS
    assert (address.username, address.password) == ("app", "pw")
    assert (address.ca, address.replication, address.prefix) == (Path(f"{tmp_path}/ca"), 1, "city-a.")


@given(username=st.text(min_size=1), password=st.text(min_size=1))
def test_user_and_password_may_have_any_character(username, password):
    url = f"kafka://{quote(username, safe='')}:{quote(password, safe='')}@k:1?security=sasl_plaintext"
    address = KafkaAddress.parse(url)
    options = address.client_options()
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == (username, password)
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"


def test_tls_checks_the_certificate_and_the_name():
    context = KafkaAddress.parse("kafka://k:1?security=tls").client_options()["ssl_context"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("kafka://", "not host:port"),
        ("kafka://k", "'k' is not host:port"),
        ("kafka://k:9092,", "'' is not host:port"),
        ("kafka://k:9092/topic", "kafka://host:port"),
        ("amqp://k:9092", "kafka://host:port"),
        ("kafka://k:1?security=ssl", "plaintext, tls, sasl_plaintext, sasl_tls"),
        ("kafka://k:1?security=sasl_tls", "needs user:password@"),
        ("kafka://app:s3cret@k:1?security=tls", "sends no user"),
        ("kafka://app:s3cret@k:1", "sends no user"),
        ("kafka://k:1?replication=0", "number of brokers"),
        ("kafka://k:1?prefix=ä", "letters, digits"),
        ("kafka://k:1?acks=0", "unknown parameter acks"),
        ("kafka://k:1?replication=1&replication=3", "twice"),
    ],
)
def test_what_is_wrong_is_told_without_the_password(url, told):
    with pytest.raises(SettingsError, match="EVENT_BUS_URL") as refused:
        KafkaAddress.parse(url)
    assert told in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_certificates_that_cannot_be_read_are_named(tmp_path):
    address = KafkaAddress.parse(f"kafka://k:1?security=tls&ca={tmp_path}/none.pem")
    with pytest.raises(SettingsError, match=r"none\.pem"):
        address.client_options()


def test_a_printed_address_keeps_its_password():
    assert "s3cret" not in repr(KafkaAddress.parse("kafka://app:s3cret@k:1?security=sasl_tls"))
