"""The wiring of `documents`: settings and resources in, a service out."""

from importlib.util import find_spec

from aktenfluss.servicekit import Api, Measure, Resources, Sandbox, Service, SettingsError

from .adapters import page_recogniser, page_renderer
from .adapters.byte_store import StoredBytes
from .adapters.queries import SqlDocumentsQueries, SqlInventory
from .adapters.unit_of_work import SqlDocumentsUnitOfWork
from .api.content_routes import ContentUseCases, content_routes
from .api.document_routes import DocumentUseCases, document_routes
from .api.jobs import add_jobs, add_text_jobs
from .api.text_routes import text_routes
from .settings import DocumentsSettings
from .use_cases.append_chunk import AppendChunk
from .use_cases.link_content import LinkContent
from .use_cases.open_content import OpenContent
from .use_cases.order_texts import OrderTexts
from .use_cases.read_content import ReadContent
from .use_cases.read_page import ReadPage
from .use_cases.read_text import ReadText
from .use_cases.recognise_text import RecogniseText
from .use_cases.report_damage import ReportDamage
from .use_cases.retry_texts import RetryTexts
from .use_cases.scrub_contents import ScrubContents
from .use_cases.store_content import StoreContent
from .use_cases.store_documents import StoreDocuments
from .use_cases.sweep_uploads import SweepUploads

NAME = "documents"
MIGRATIONS = "aktenfluss.documents.adapters.migrations"
DESCRIPTION = "Contents by their digest, the documents that refer to them, and their pages as images."


def build(settings: DocumentsSettings, resources: Resources) -> Service:
    """Return the service, joined together."""
    units = SqlDocumentsUnitOfWork(resources.database)
    queries = SqlDocumentsQueries(resources.database)
    store = StoredBytes(resources.store)
    opening = OpenContent(store, ReportDamage(units, resources.clock))
    store_content = StoreContent(units, queries, store, resources.clock, settings.content_limit_bytes)
    contents = ContentUseCases(
        store=store_content,
        append=AppendChunk(units, queries, store, resources.clock, store_content),
        read=ReadContent(queries, opening, resources.reads),
        link=LinkContent(queries, store, opening, resources.reads) if settings.presigned_downloads else None,
        queries=queries,
        body_limit_bytes=settings.content_limit_bytes,
    )
    renderer = page_renderer.SandboxPageRenderer(sandbox_of(settings))
    documents = DocumentUseCases(
        store=StoreDocuments(units, resources.clock),
        read_page=ReadPage(queries, units, store, opening, renderer, resources.reads),
        queries=queries,
    )
    api = Api(name=NAME, title="Aktenfluss documents", description=DESCRIPTION, resources=resources)
    api.include(content_routes(contents))
    api.include(document_routes(documents, resources.cursors))
    api.include(text_routes(ReadText(queries, resources.reads)))
    inventory = SqlInventory(resources.database)
    sweep = SweepUploads(units, inventory, store, resources.clock, settings.upload_keep)
    add_jobs(resources.jobs, scrub(resources), sweep, settings.scrub_cron)
    if recogniser := recogniser_of(settings):
        recognise = RecogniseText(queries, units, opening, recogniser)
        add_text_jobs(resources.jobs, OrderTexts(units, inventory), recognise)
    return Service(
        name=NAME,
        app=api.app,
        prefixes=("/v1/contents", "/v1/documents", "/v1/scrub-findings"),
        database=resources.database,
        jobs=resources.jobs,
        migrations=MIGRATIONS,
        measures=(
            Measure("open_scrub_findings", "Contents that are damaged or missing", inventory.open_findings),
            Measure(
                "documents_without_text",
                "Documents whose text is not ordered yet, up to 10000",
                inventory.documents_without_text,
            ),
            Measure("failed_page_texts", "Pages whose text could not be read, up to 10000", inventory.failed_texts),
        ),
    )


def scrub(resources: Resources) -> ScrubContents:
    """Return what reads all stored contents again, for the job and the command line."""
    units = SqlDocumentsUnitOfWork(resources.database)
    report = ReportDamage(units, resources.clock)
    return ScrubContents(SqlInventory(resources.database), StoredBytes(resources.store), report)


def retry_texts(resources: Resources) -> RetryTexts:
    """Return what lets failed pages be read again, for the command line."""
    return RetryTexts(SqlDocumentsUnitOfWork(resources.database), SqlInventory(resources.database))


def recogniser_of(settings: DocumentsSettings) -> page_recogniser.SandboxTextRecogniser | None:
    """Return what recognises texts, where this process is to; raises SettingsError where it cannot."""
    if settings.ocr_model is None:
        return None
    if find_spec("tesserocr") is None:
        raise SettingsError("OCR_MODEL: nothing here recognises text; take the image documents-ocr, or the extra `ocr`")
    children = Sandbox(
        page_recogniser.MODULE,
        workers=settings.ocr_workers,
        memory_bytes=settings.ocr_memory_mebibytes << 20,
        cpu_seconds=settings.ocr_seconds,
        wall_seconds=settings.ocr_seconds * 3.0,
    )
    return page_recogniser.SandboxTextRecogniser(children, settings.ocr_model)


def sandbox_of(settings: DocumentsSettings) -> Sandbox:
    """Return the children that render pages; they start with the first one."""
    return Sandbox(
        page_renderer.MODULE,
        workers=settings.page_workers,
        memory_bytes=settings.page_memory_mebibytes << 20,
        cpu_seconds=settings.page_seconds,
        wall_seconds=settings.page_seconds * 3.0,
    )
