"""Checks who signs tokens: are the keys there, and how old is the own one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aktenfluss.kernel import Clock, Role

from ..errors import ServiceUnavailableError
from ..identity import EmbeddedIssuer, OidcIssuer, TokenVerifier, UnauthenticatedError
from .finding import Finding, failure, fine, warning

OLD = timedelta(days=730)
RENEW = "Make a new keys/issuer.pem, give it to every process and to the door, and start them anew; tokens in use end."


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
    return aged(clock.now() - made_at(file))


def made_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def aged(age: timedelta) -> Finding:
    told = f"{max(0, age.days)} days old"
    return warning("own key", told, RENEW) if age > OLD else fine("own key", told)
