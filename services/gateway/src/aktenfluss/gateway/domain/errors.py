"""The problems of the gateway, and of the proxy that is the public door of a cluster (docker/haproxy.cfg)."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class ProblemTypeNotFoundError(Problem):
    """No service answers with a problem of this name.

    Way out: `/problems` lists every problem type with its page.
    """

    slug: ClassVar[str] = "problem-type-not-found"
    title: ClassVar[str] = "Unknown problem type"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class TooManyRequestsError(Problem):
    """The caller sends more requests than the door of this installation lets through for one caller.

    Way out: wait for the seconds in the Retry-After header, then go on more slowly; nothing was changed. A program that
    needs more asks the operator, who sets how many a person and how many a service account may send.
    """

    slug: ClassVar[str] = "too-many-requests"
    title: ClassVar[str] = "Too many requests"
    kind: ClassVar[Kind] = Kind.TOO_MANY_REQUESTS


class AnswerLostError(Problem):
    """The service behind the door took the request and ended, or fell silent, before it answered.

    Way out: whether the request was carried out is not known. Send the same request again, with the same
    Idempotency-Key where it had one: what was carried out is not carried out twice.
    """

    slug: ClassVar[str] = "answer-lost"
    title: ClassVar[str] = "Answer lost"
    kind: ClassVar[Kind] = Kind.UNAVAILABLE
