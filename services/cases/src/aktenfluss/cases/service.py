"""The wiring of `cases`."""

from aktenfluss.servicekit import Api, Resources, Service

from .adapters.grant_office import SignedGrantOffice
from .adapters.queries import SqlCaseFileQueries
from .adapters.unit_of_work import SqlCasesUnitOfWork
from .api.entry_routes import entry_routes
from .api.events import subscriptions
from .api.routes import reading_routes, writing_routes
from .api.stock_list_routes import stock_list_routes
from .settings import CasesSettings
from .use_cases.change_case_file import ChangeCaseFile
from .use_cases.file_entries import FileEntries
from .use_cases.import_stock_list import ImportStockList
from .use_cases.issue_grant import IssueGrant
from .use_cases.list_case_files import ListCaseFiles, LookUpCaseFiles
from .use_cases.list_entries import ListEntries
from .use_cases.open_case_file import OpenCaseFile
from .use_cases.read_case_file import ReadCaseFile

NAME = "cases"
MIGRATIONS = "aktenfluss.cases.adapters.migrations"


def build(settings: CasesSettings, resources: Resources) -> Service:
    """Join the rooms of the service."""
    clock, cursors, reads = resources.clock, resources.cursors, resources.reads
    units = SqlCasesUnitOfWork(resources.database)
    queries = SqlCaseFileQueries(resources.database)
    office = SignedGrantOffice(resources.grants, clock, settings.grant_lifetime)

    api = Api(
        name=NAME,
        title="Aktenfluss: case files",
        description="Case files, the entries in them and who may see which page.",
        resources=resources,
    )
    api.include(reading_routes(ReadCaseFile(queries, reads), ListCaseFiles(queries, reads), cursors))
    api.include(writing_routes(OpenCaseFile(units, clock), ChangeCaseFile(units, clock)))
    api.include(entry_routes(ListEntries(queries, reads), IssueGrant(queries, reads, office), cursors))
    api.include(stock_list_routes(ImportStockList(units, clock), LookUpCaseFiles(queries, reads)))
    return Service(
        name=NAME,
        app=api.app,
        prefixes=("/v1/case-files",),
        database=resources.database,
        jobs=resources.jobs,
        migrations=MIGRATIONS,
        subscriptions=subscriptions(FileEntries(units, clock)),
    )
