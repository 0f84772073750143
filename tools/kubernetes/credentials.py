"""Who is who in the cluster: an authority of its own, a certificate for each program, and the files that tell clients."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tools.servers.secret import write_secret

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
VALID = timedelta(days=365 * 30)
SIGNS = x509.KeyUsage(
    key_cert_sign=True,
    crl_sign=True,
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    encipher_only=False,
    decipher_only=False,
)
BOTH_WAYS = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])


class Authority:
    """Signs certificates for programs and people; its own is `ca.crt` in the folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = name_of("kubernetes", "")
        own = self._builder(self._name, self._key.public_key())
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        own = own.add_extension(SIGNS, critical=True)
        self.certificate.write_bytes(self._signed(own))

    @property
    def certificate(self) -> Path:
        """What those trust who trust this authority, as PEM."""
        return self.folder / "ca.crt"

    def issue(
        self, file: str, name: str, *, group: str = "", places: tuple[str, ...] = (), until: datetime = BEGIN + VALID
    ) -> Path:
        """Write FILE.crt and FILE.key for somebody who is in a group and serves at these names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        leaf = self._builder(name_of(name, group), key.public_key(), until).add_extension(issuer, critical=False)
        leaf = leaf.add_extension(BOTH_WAYS, critical=False)
        if places:
            leaf = leaf.add_extension(
                x509.SubjectAlternativeName([place_of(place) for place in places]), critical=False
            )
        certificate = self.folder / f"{file}.crt"
        write_secret(certificate.with_suffix(".key"), private_pem(key))
        certificate.write_bytes(self._signed(leaf))
        return certificate

    def _builder(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, until: datetime = BEGIN + VALID
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(self._name, name, key, x509.random_serial_number(), BEGIN, until)
        return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def name_of(name: str, group: str) -> x509.Name:
    parts = [(NameOID.ORGANIZATION_NAME, group), (NameOID.COMMON_NAME, name)]
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts if value])


def place_of(place: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(place))
    except ValueError:
        return x509.DNSName(place)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_key_pair(file: Path) -> None:
    """Write FILE.key and FILE.pub: what tokens of service accounts are signed and verified with."""
    key = ec.generate_private_key(ec.SECP256R1())
    write_secret(file.with_suffix(".key"), private_pem(key))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    file.with_suffix(".pub").write_bytes(public)


def write_client_configuration(file: Path, server: str, authority: Path, certificate: Path) -> None:
    """Write the file by which a client finds the API server and is known there."""
    user = {"client-certificate": str(certificate), "client-key": str(certificate.with_suffix(".key"))}
    configuration = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": {"server": server, "certificate-authority": str(authority)}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "me"}}],
        "current-context": "local",
    }
    write_secret(file, json.dumps(configuration, indent=2).encode())
