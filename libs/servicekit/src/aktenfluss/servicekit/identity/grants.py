"""Grants: signed, short-lived permission to fetch one content or one page."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from jwt.algorithms import HMACAlgorithm

from aktenfluss.kernel import DIGEST_PATTERN, Clock, Principal

from .compact import CompactToken, TokenRefusedError, parse
from .errors import UnauthenticatedError
from .verifier import SUBJECT, TENANT, instant, matching, require_audience

AUDIENCE = "documents"
PURPOSE = b"aktenfluss grant v1"
"""Derives a key of its own, so that nothing else signed with the installation's secret passes for a grant."""
MAX_LIFETIME = timedelta(seconds=300)
DIGEST = re.compile(DIGEST_PATTERN)
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What one person may fetch: the content as a whole, or where `page` is set (from 1) that page of it only."""

    subject: str
    tenant_id: str
    case_file_id: UUID
    document_id: UUID
    content: str
    page: int | None

    def allows_content(self, content: str) -> bool:
        """Tell whether the whole content of that digest may be fetched."""
        return self.page is None and content == self.content

    def allows_page(self, document_id: UUID, page: int) -> bool:
        """Tell whether that page of that document may be fetched."""
        return page == self.page and document_id == self.document_id


class Grants:
    """Issues grants (in cases, after decision and audit) and verifies them (in documents).

    The first of the secrets signs; a grant counts by any of them.
    """

    def __init__(self, secrets: Sequence[bytes], clock: Clock) -> None:
        if any(len(secret) < 32 for secret in secrets):
            raise ValueError("the secret of grants needs 32 bytes")
        self._secrets = [hmac.digest(secret, PURPOSE, "sha256") for secret in secrets]
        self._clock = clock
        self._algorithm = HMACAlgorithm(HMACAlgorithm.SHA256)

    def issue(
        self,
        principal: Principal,
        *,
        case_file_id: UUID,
        document_id: UUID,
        content: str,
        page: int | None = None,
        lifetime: timedelta = MAX_LIFETIME,
    ) -> str:
        """Return a grant for `principal`. Raises ValueError where it would live longer than 300 seconds."""
        if not timedelta() < lifetime <= MAX_LIFETIME:
            raise ValueError("a grant lives for at most 300 seconds")
        claims = {
            "aud": AUDIENCE,
            "sub": principal.subject,
            "tenant": principal.tenant_id,
            "exp": int((self._clock.now() + lifetime).timestamp()),
            "case_file": str(case_file_id),
            "document": str(document_id),
            "content": content,
        }
        if page is not None:
            claims["page"] = page
        return jwt.encode(claims, self._secrets[0], algorithm="HS256")

    def verify(self, text: str) -> Grant:
        """Return what `text` permits. Raises UnauthenticatedError for anything that `issue` did not return."""
        try:
            token = parse(text)
            self._require_signature(token)
            self._require_time(token)
            require_audience(token.claims, AUDIENCE)
            return Grant(
                subject=matching(token.claims, "sub", SUBJECT),
                tenant_id=matching(token.claims, "tenant", TENANT),
                case_file_id=UUID(matching(token.claims, "case_file", IDENTIFIER)),
                document_id=UUID(matching(token.claims, "document", IDENTIFIER)),
                content=matching(token.claims, "content", DIGEST),
                page=page_in(token.claims.get("page")),
            )
        except TokenRefusedError as exc:
            raise UnauthenticatedError(f"The grant is not valid: {exc}.") from exc

    def _require_signature(self, token: CompactToken) -> None:
        if token.header != {"alg": "HS256", "typ": "JWT"}:
            raise TokenRefusedError("its header is not that of a grant")
        if not any(self._algorithm.verify(token.signed, secret, token.signature) for secret in self._secrets):
            raise TokenRefusedError("its signature is wrong")

    def _require_time(self, token: CompactToken) -> None:
        if self._clock.now().timestamp() >= instant(token.claims, "exp"):
            raise TokenRefusedError("it has expired")


def page_in(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise TokenRefusedError("its page is not a page number")
    return value
