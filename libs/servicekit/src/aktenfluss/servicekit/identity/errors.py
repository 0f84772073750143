"""Problems of the question who is asking."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class UnauthenticatedError(Problem):
    """The request carries no valid access token, or a grant that is not valid.

    Way out: get a fresh token from the identity provider and send it as `Authorization: Bearer …`; where a link was
    used, ask for a new one, links are good for minutes.
    """

    slug: ClassVar[str] = "unauthenticated"
    title: ClassVar[str] = "Not authenticated"
    kind: ClassVar[Kind] = Kind.UNAUTHENTICATED


class ForbiddenError(Problem):
    """The caller is known, but none of its roles may do this.

    Way out: ask the administrator of your authority for one of the roles that the detail names.
    """

    slug: ClassVar[str] = "forbidden"
    title: ClassVar[str] = "Not allowed"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
