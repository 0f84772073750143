"""The problems of scans.

Problem
├── ScanOrderNotFoundError · OrderItemNotFoundError · DeliveryNotFoundError
├── UnknownFileNumbersError · AmbiguousFileNumbersError · CaseFilesAlreadyOrderedError
├── DeliveryDigestMismatchError · UnknownScanOrderError · UnknownSupersededDeliveryError
├── ContentsMissingError · DeliverySupersededError
└── OrderItemStateError
"""

from typing import ClassVar

from aktenfluss.kernel import Kind, Problem


class ScanOrderNotFoundError(Problem):
    """There is no scan order with this id at your authority.

    Way out: take the id from the list of scan orders.
    """

    slug: ClassVar[str] = "scan-order-not-found"
    title: ClassVar[str] = "Scan order not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class OrderItemNotFoundError(Problem):
    """There is no order item with this id at your authority.

    Way out: take the id from the items of the scan order.
    """

    slug: ClassVar[str] = "order-item-not-found"
    title: ClassVar[str] = "Order item not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class DeliveryNotFoundError(Problem):
    """No delivery with this digest was announced at your authority.

    Way out: send its manifest first, with PUT; the digest is that of tagmanifest-sha256.txt.
    """

    slug: ClassVar[str] = "delivery-not-found"
    title: ClassVar[str] = "Delivery not found"
    kind: ClassVar[Kind] = Kind.NOT_FOUND


class UnknownFileNumbersError(Problem):
    """Some of the file numbers belong to no case file; no scan order was opened.

    Way out: `file_numbers` lists all of them. Import or correct these case files, or leave the numbers out.
    """

    slug: ClassVar[str] = "unknown-file-numbers"
    title: ClassVar[str] = "Unknown file numbers"
    kind: ClassVar[Kind] = Kind.INVALID


class AmbiguousFileNumbersError(Problem):
    """Several keeping authorities have a case file with one of the file numbers; no scan order was opened.

    Way out: `file_numbers` lists all of them. Name in `keeping_authority` whose case files are meant, and put those of
    another authority on an order of their own; the list of case files shows the authority of each.
    """

    slug: ClassVar[str] = "ambiguous-file-numbers"
    title: ClassVar[str] = "Ambiguous file numbers"
    kind: ClassVar[Kind] = Kind.INVALID


class CaseFilesAlreadyOrderedError(Problem):
    """Some of the case files are on another scan order and not filed yet; no scan order was opened.

    Way out: `file_numbers` lists all of them. Wait until they are filed, or leave the numbers out.
    """

    slug: ClassVar[str] = "case-files-already-ordered"
    title: ClassVar[str] = "Case files already on a scan order"
    kind: ClassVar[Kind] = Kind.CONFLICT


class DeliveryDigestMismatchError(Problem):
    """The digest in the address is not that of the tag manifest in the body; nothing was stored.

    Way out: `digest` is the right one. Compute the address as the SHA-256 of the bytes of tagmanifest-sha256.txt.
    """

    slug: ClassVar[str] = "delivery-digest-mismatch"
    title: ClassVar[str] = "Digest of the delivery differs"
    kind: ClassVar[Kind] = Kind.INVALID


class UnknownScanOrderError(Problem):
    """Scan-Order-Id in bag-info.txt names no scan order of your authority; nothing was stored.

    Way out: take the id from the scan order that came with the box, and pack the delivery again.
    """

    slug: ClassVar[str] = "unknown-scan-order"
    title: ClassVar[str] = "Delivery for an unknown scan order"
    kind: ClassVar[Kind] = Kind.INVALID


class UnknownSupersededDeliveryError(Problem):
    """Supersedes in bag-info.txt names no delivery of the same scan order; nothing was stored.

    Way out: write the digest of the delivery that is replaced, as the answer to its push gave it, and pack again.
    """

    slug: ClassVar[str] = "unknown-superseded-delivery"
    title: ClassVar[str] = "Superseded delivery unknown"
    kind: ClassVar[Kind] = Kind.INVALID


class ContentsMissingError(Problem):
    """The delivery was declared complete, but contents are missing; it still waits for them.

    Way out: `missing` lists them. Upload them and declare the delivery complete again. Where a content is lost for
    good, send `{"accept_missing": true}`: the check then reports it, and the other items are accepted.
    """

    slug: ClassVar[str] = "contents-missing"
    title: ClassVar[str] = "Contents are missing"
    kind: ClassVar[Kind] = Kind.CONFLICT


class DeliverySupersededError(Problem):
    """The delivery was replaced by a later revision before it was complete.

    Way out: push the revision that `superseded_by` names.
    """

    slug: ClassVar[str] = "delivery-superseded"
    title: ClassVar[str] = "Delivery superseded"
    kind: ClassVar[Kind] = Kind.CONFLICT


class OrderItemStateError(Problem):
    """An order item is in a state in which this cannot happen to it.

    Way out: read the order item; an operator decides whether the event is out of order or the item must be changed.
    """

    slug: ClassVar[str] = "order-item-state"
    title: ClassVar[str] = "Order item in another state"
    kind: ClassVar[Kind] = Kind.CONFLICT
