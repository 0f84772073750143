"""What stands on the pages for operators, so that tests do what the pages say."""

import re
import textwrap
from pathlib import Path

PAGES = Path(__file__).parents[1] / "docs" / "operations"


def blocks(page: str, language: str) -> list[str]:
    """Return what stands in the blocks of one language on a page, those in lists too."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for _, block in found]
