"""Who is asking: access tokens, their issuers and grants."""

from .embedded import EmbeddedIssuer
from .errors import ForbiddenError, UnauthenticatedError
from .grants import Grant, Grants
from .key_bundle import KeyBundle
from .key_file import key_file
from .keys import KeySource, VerificationKey
from .oidc import OidcIssuer
from .verifier import TokenVerifier, TrustedIssuer

__all__ = [
    "EmbeddedIssuer",
    "ForbiddenError",
    "Grant",
    "Grants",
    "KeyBundle",
    "KeySource",
    "OidcIssuer",
    "TokenVerifier",
    "TrustedIssuer",
    "UnauthenticatedError",
    "VerificationKey",
    "key_file",
]
