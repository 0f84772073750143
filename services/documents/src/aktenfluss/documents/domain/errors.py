"""The problems of this service."""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class DocumentsProblem(Problem):
    """Root of the problems that this service raises itself."""


class UnsupportedDigestAlgorithmError(DocumentsProblem):
    """The digest is not a SHA-256 in its written form: `sha256:` and 64 lower-case hexadecimal digits.

    Way out: name the content by its SHA-256; no other algorithm is accepted.
    """

    slug: ClassVar[str] = "unsupported-digest-algorithm"
    title: ClassVar[str] = "Unsupported digest algorithm"
    kind: ClassVar[Kind] = Kind.INVALID


class DigestMismatchError(DocumentsProblem):
    """The bytes that arrived have another SHA-256 than the one in the URL; nothing was stored.

    Way out: compute the digest again over the file that you send. Where it is right, the bytes changed on the way:
    send them again.
    """

    slug: ClassVar[str] = "digest-mismatch"
    title: ClassVar[str] = "Digest mismatch"
    kind: ClassVar[Kind] = Kind.INVALID


class IncompleteBodyError(DocumentsProblem):
    """Fewer or more bytes arrived than the Content-Length or the Content-Range announced; nothing was stored.

    Way out: send the content, or the chunk, again.
    """

    slug: ClassVar[str] = "incomplete-body"
    title: ClassVar[str] = "Incomplete body"
    kind: ClassVar[Kind] = Kind.MALFORMED


class ContentTooLargeError(DocumentsProblem):
    """The content is larger than this installation accepts; nothing was stored.

    Way out: split the document, or ask the operator to raise `content_limit_bytes`.
    """

    slug: ClassVar[str] = "content-too-large"
    title: ClassVar[str] = "Content too large"
    kind: ClassVar[Kind] = Kind.TOO_LARGE


class InvalidContentRangeError(DocumentsProblem):
    """The Content-Range header is not `bytes first-last/total` with first <= last < total.

    Way out: number bytes from 0, name the size of the whole content as total, and send exactly last - first + 1 bytes.
    """

    slug: ClassVar[str] = "invalid-content-range"
    title: ClassVar[str] = "Invalid Content-Range"
    kind: ClassVar[Kind] = Kind.MALFORMED


class UploadOffsetMismatchError(DocumentsProblem):
    """The chunk does not begin where the half-sent upload ends; nothing was stored.

    Way out: go on at the byte that the member `upload_offset` names; HEAD of the content tells it too.
    """

    slug: ClassVar[str] = "upload-offset-mismatch"
    title: ClassVar[str] = "Upload offset mismatch"
    kind: ClassVar[Kind] = Kind.CONFLICT


class ContentNotFoundError(DocumentsProblem):
    """No content with this digest is stored for this authority.

    Way out: check the digest; where it is right, PUT the content.
    """

    slug: ClassVar[str] = "content-not-found"
    title: ClassVar[str] = "Content not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class ContentDamagedError(DocumentsProblem):
    """The stored bytes of the content are missing or are not those that were stored; they are not served.

    Way out: PUT the content again, or have the operator restore the object store; a scrub then clears the state.
    """

    slug: ClassVar[str] = "content-damaged"
    title: ClassVar[str] = "Content damaged"
    kind: ClassVar[Kind] = Kind.CONFLICT


class ContentsUnreadableError(DocumentsProblem):
    """A scrub read what it could; some contents the object store did not give, while it gave others.

    Nothing is known of their bytes, and none was reported as damaged.

    Way out: an operator looks up the objects that the log names. Where the disk cannot read one, restore it from the
    backup; where a right is missing, give it. Then run `aktenfluss jobs retry`.
    """

    slug: ClassVar[str] = "contents-unreadable"
    title: ClassVar[str] = "Contents unreadable"
    kind: ClassVar[Kind] = Kind.INTERNAL


class RangeNotSatisfiableError(DocumentsProblem):
    """The Range header asks only for bytes behind the end of the content.

    Way out: ask for a range below the size that the member `size_bytes` names.
    """

    slug: ClassVar[str] = "range-not-satisfiable"
    title: ClassVar[str] = "Range not satisfiable"
    kind: ClassVar[Kind] = Kind.RANGE_NOT_SATISFIABLE


class ContentNotStoredError(DocumentsProblem):
    """Documents refer to contents that are not stored, or are damaged; no document was made.

    Way out: PUT the contents that the member `contents` lists, then send the same request again.
    """

    slug: ClassVar[str] = "content-not-stored"
    title: ClassVar[str] = "Content not stored"
    kind: ClassVar[Kind] = Kind.INVALID


class DocumentNotFoundError(DocumentsProblem):
    """This authority has no document with this id.

    Way out: check the id; documents are listed with the entries of their case file.
    """

    slug: ClassVar[str] = "document-not-found"
    title: ClassVar[str] = "Document not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class PageNotFoundError(DocumentsProblem):
    """The document has no page with this number; the first page is 1.

    Way out: ask for a page up to the member `page_count`.
    """

    slug: ClassVar[str] = "page-not-found"
    title: ClassVar[str] = "Page not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class PageNotRenderableError(DocumentsProblem):
    """The page cannot be shown as an image; the member `rule` names why, the stored content is untouched.

    Way out: read the content itself; where it is broken, ask for a new scan.
    """

    slug: ClassVar[str] = "page-not-renderable"
    title: ClassVar[str] = "Page not renderable"
    kind: ClassVar[Kind] = Kind.INVALID


class GrantMismatchError(DocumentsProblem):
    """The grant was given for another content, document or page.

    Way out: ask `cases` for a grant for exactly what you want to read.
    """

    slug: ClassVar[str] = "grant-mismatch"
    title: ClassVar[str] = "Grant mismatch"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
