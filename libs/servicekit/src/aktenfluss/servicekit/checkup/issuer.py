"""Checks who signs tokens: are the keys there, and how old is the own one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aktenfluss.kernel import Clock, Role

from ..errors import ServiceUnavailableError
from ..identity import EmbeddedIssuer, OidcIssuer, TokenVerifier, UnauthenticatedError
from .finding import Finding, failure, fine, warning

OLD = timedelta(days=730)
RENEW = "Exchange the key in keys/issuer.pem in three steps, so that no token in use ends: docs/operations/keys.md."


async def issuer(provider: OidcIssuer) -> Finding:
    """Ask the authority's provider for its keys."""
    try:
        keys = await provider.fetch()
    except ServiceUnavailableError as exc:
        return failure(
            "issuer", exc.detail, "Put right AUTH_ISSUER, or the way to it; known keys go on until a restart."
        )
    finally:
        await provider.close()
    if not keys:
        return failure(
            "issuer", "it publishes no key", "Let the provider sign with P-256, Ed25519 or RSA of 2048 bits."
        )
    return fine("issuer", f"{len(keys)} keys fetched, {', '.join(sorted({key.algorithm for key in keys.values()}))}")


async def own_key(embedded: EmbeddedIssuer, verifier: TokenVerifier, file: Path, clock: Clock) -> Finding:
    """Sign and verify a token, as services do that call each other; tell how old the key is."""
    try:
        await verifier.verify(embedded.mint("doctor", "check-up", [Role.SERVICE], timedelta(minutes=1)))
    except UnauthenticatedError as exc:
        return failure("own key", exc.detail, "Put right the clock, or AUTH_ISSUER.")
    return aged(clock.now() - made_at(file), len(embedded.public_pems))


def made_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def aged(age: timedelta, keys: int = 1) -> Finding:
    told = f"{max(0, age.days)} days old" + (f", the first of {keys} that verify" if keys > 1 else "")
    return warning("own key", told, RENEW) if age > OLD else fine("own key", told)
