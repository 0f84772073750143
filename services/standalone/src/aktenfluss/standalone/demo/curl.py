"""The requests that a newcomer may try alone: each as a line for a shell, and with its answer."""

import asyncio
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson
from PIL import Image


@dataclass(frozen=True, slots=True)
class Line:
    """One GET request; the token comes out of a file so that the line stays readable, an image goes into one."""

    meaning: str
    url: str
    token_file: Path | None = None
    image: Path | None = None

    def __str__(self) -> str:
        return shlex.join(["curl", *self.arguments])

    @property
    def arguments(self) -> list[str]:
        token = ["-H", f"@{self.token_file}"] if self.token_file else []
        image = ["-o", str(self.image)] if self.image else []
        return ["-fsS", *token, *image, self.url]

    async def run(self) -> str | None:
        """Send the request, through curl where it is installed; return what to show of the answer, None if it failed."""
        program = shutil.which("curl")
        body = await _through_curl(program, self.arguments) if program else await self._directly()
        if body is None:
            return None
        if self.image is None:
            return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
        with Image.open(self.image) as page:
            return f"{page.format} {page.width} x {page.height}, {self.image.stat().st_size:,} bytes"

    async def _directly(self) -> bytes | None:
        name, _, value = self.token_file.read_text().strip().partition(": ") if self.token_file else ("", "", "")
        async with httpx.AsyncClient() as client:
            answer = await client.get(self.url, headers={name: value} if name else {})
        if self.image:
            self.image.write_bytes(answer.content)
        return answer.content if answer.is_success else None


def write_token_file(path: Path, token: str) -> Path:
    """Write the header for `curl -H @file`; only its owner may read it."""
    path.touch(mode=0o600)
    path.write_text(f"Authorization: Bearer {token}\n")
    return path


async def _through_curl(program: str, arguments: list[str]) -> bytes | None:
    curl = await asyncio.create_subprocess_exec(program, *arguments, stdout=asyncio.subprocess.PIPE)
    output, _ = await curl.communicate()
    return output if curl.returncode == 0 else None
