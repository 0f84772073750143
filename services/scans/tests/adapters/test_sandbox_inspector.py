"""PDFs are measured in children, and only children suffer."""

import psutil
import pytest

from aktenfluss.delivery import LeadSheetCode, order_item_id
from aktenfluss.kernel import Principal, digest_of
from aktenfluss.scans.adapters.content_files import ContentFiles
from aktenfluss.scans.adapters.sandbox_inspector import MODULE, SandboxInspector
from aktenfluss.scans.domain.inspection import PdfFacts
from aktenfluss.scans.domain.rules import Rule
from aktenfluss.servicekit import Sandbox, ServiceUnavailableError

from .. import papers
from ..neighbours import Documents

ITEM = order_item_id(4711)
PRINCIPAL = Principal.service("scans", "offenbach")


class DistantStore:
    """An object store that is not of this machine."""

    def __init__(self, store) -> None:
        self.read = store.read


@pytest.fixture
async def inspector_of(store):
    sandboxes = []

    def make(*, distant=False, module=MODULE, **limits):
        sandboxes.append(Sandbox(module, workers=1, **limits))
        return SandboxInspector(sandboxes[-1], ContentFiles(DistantStore(store) if distant else store))

    yield make
    for sandbox in sandboxes:
        await sandbox.aclose()


@pytest.fixture
def keep(store):
    return Documents(store).keep


@pytest.mark.parametrize("distant", [False, True])
async def test_a_scan_is_measured_wherever_it_is_stored(inspector_of, keep, distant):
    content = await keep(papers.led_pdf(ITEM, 3))

    facts = await inspector_of(distant=distant).inspect(PRINCIPAL, content, with_codes=True)

    assert facts == PdfFacts(content, 3, (LeadSheetCode(ITEM, 1).format(),))


@pytest.mark.parametrize("distant", [False, True])
async def test_a_file_that_is_gone_is_damage(inspector_of, distant):
    facts = await inspector_of(distant=distant).inspect(PRINCIPAL, digest_of(b"gone"), with_codes=False)

    assert facts.refusal == (Rule.CONTENT_DAMAGED, "the stored file is gone")


async def test_contents_of_other_authorities_are_out_of_reach(inspector_of, keep):
    content = await keep(papers.plain_pdf(), tenant="hanau")

    facts = await inspector_of().inspect(PRINCIPAL, content, with_codes=False)

    assert facts.refusal[0] is Rule.CONTENT_DAMAGED


async def test_a_refusal_comes_with_its_rule(inspector_of, keep):
    content = await keep(papers.encrypted("secret"))

    facts = await inspector_of().inspect(PRINCIPAL, content, with_codes=False)

    assert facts == PdfFacts(refusal=(Rule.PDF_ENCRYPTED, "the PDF asks for a password"))


async def test_a_child_that_computes_too_long_is_a_bomb_and_the_next_file_passes(inspector_of, keep):
    inspector = inspector_of(cpu_seconds=1, memory_bytes=8 << 30)
    bomb = await keep(papers.form_bomb(depth=4, each=100))
    good = await keep(papers.plain_pdf())

    facts = [await inspector.inspect(PRINCIPAL, content, with_codes=True) for content in (bomb, good)]

    assert facts[0].refusal[0] is Rule.PDF_BOMB
    assert facts[1].page_count == 1


async def test_a_file_that_unpacks_beyond_the_memory_of_a_child_is_refused(inspector_of, keep):
    bomb = await keep(papers.object_stream_bomb())

    facts = await inspector_of(memory_bytes=400 << 20).inspect(PRINCIPAL, bomb, with_codes=False)

    assert facts.refusal[0] in (Rule.PDF_BOMB, Rule.PDF_UNREADABLE)


async def test_a_scan_is_not_blamed_for_a_child_that_was_killed_before_it(inspector_of, keep):
    inspector = inspector_of()
    content = await keep(papers.plain_pdf())
    before = psutil.Process().children()
    first = await inspector.inspect(PRINCIPAL, content, with_codes=False)
    (child,) = set(psutil.Process().children()) - set(before)
    child.kill()

    assert await inspector.inspect(PRINCIPAL, content, with_codes=False) == first == PdfFacts(content, 1, ())


async def test_children_that_do_not_start_are_waited_for(inspector_of, keep):
    content = await keep(papers.plain_pdf())

    with pytest.raises(ServiceUnavailableError):
        await inspector_of(module="aktenfluss.scans.nothing").inspect(PRINCIPAL, content, with_codes=False)
