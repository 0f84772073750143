"""The wiring of `scans`: settings and resources in, a service out."""

from aktenfluss.servicekit import Api, Measure, Resources, Sandbox, Service

from .adapters.content_files import ContentFiles
from .adapters.figures import SqlScanFigures
from .adapters.lead_sheets import PdfLeadSheets
from .adapters.peers import CasesPeer, DocumentsPeer
from .adapters.queries import SqlScanQueries
from .adapters.sandbox_inspector import MODULE, SandboxInspector
from .adapters.unit_of_work import SqlScansUnitOfWork
from .api.delivery_routes import DeliveryUseCases, delivery_routes
from .api.events import subscriptions
from .api.jobs import add_jobs
from .api.order_routes import OrderUseCases, order_routes
from .settings import ScansSettings
from .use_cases.announce_delivery import AnnounceDelivery
from .use_cases.check_delivery import CheckDelivery
from .use_cases.complete_delivery import CompleteDelivery
from .use_cases.decide_item import DecideItem
from .use_cases.file_item import FileItem
from .use_cases.list_order_items import ListOrderItems
from .use_cases.open_scan_order import OpenScanOrder
from .use_cases.print_lead_sheets import PrintLeadSheets
from .use_cases.read_delivery_state import ReadDeliveryState
from .use_cases.refuse_item import RefuseItem

NAME = "scans"
MIGRATIONS = "aktenfluss.scans.adapters.migrations"
DESCRIPTION = "Scan orders with their lead sheets, deliveries with their check, and the balance of both."


def build(settings: ScansSettings, resources: Resources) -> Service:
    """Return the service, joined together."""
    units = SqlScansUnitOfWork(resources.database)
    queries = SqlScanQueries(resources.database)
    documents = DocumentsPeer(resources.peers)
    orders = OrderUseCases(
        open=OpenScanOrder(units, CasesPeer(resources.peers), resources.clock),
        list_items=ListOrderItems(queries, resources.reads),
        print_lead_sheets=PrintLeadSheets(queries, resources.reads, PdfLeadSheets()),
        queries=queries,
    )
    deliveries = DeliveryUseCases(
        announce=AnnounceDelivery(units, resources.clock),
        complete=CompleteDelivery(units, documents),
        read=ReadDeliveryState(units, queries, documents),
    )
    api = Api(name=NAME, title="Aktenfluss scans", description=DESCRIPTION, resources=resources)
    api.include(order_routes(orders, resources.cursors))
    api.include(delivery_routes(deliveries))
    inspector = SandboxInspector(sandbox_of(settings), ContentFiles(resources.store))
    add_jobs(resources.jobs, CheckDelivery(units, documents, inspector, DecideItem(units, documents)))
    return Service(
        name=NAME,
        app=api.app,
        prefixes=("/v1/scan-orders", "/v1/deliveries"),
        database=resources.database,
        jobs=resources.jobs,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(FileItem(units), RefuseItem(units)),
        measures=(
            Measure(
                "rejected_items_percent",
                "Of 100 items of deliveries that were announced within a day and are decided, how many were rejected",
                SqlScanFigures(resources.database, resources.clock).rejected_percent,
            ),
        ),
    )


def sandbox_of(settings: ScansSettings) -> Sandbox:
    """Return the children that inspect PDFs; they start with the first one."""
    return Sandbox(
        MODULE,
        workers=settings.inspection_workers,
        memory_bytes=settings.inspection_memory_mebibytes << 20,
        cpu_seconds=settings.inspection_seconds,
        wall_seconds=settings.inspection_seconds * 3.0,
        recycle_after=2_000,
    )
