"""The API of one service without the work behind it: what a pod of the role `api` runs."""

import argparse
import importlib
import sys
from pathlib import Path

import uvloop

from aktenfluss.servicekit import configure_logging, open_installation, run


async def serve(name: str, data: Path, port: int) -> None:
    module = importlib.import_module(f"aktenfluss.{name}.service")
    settings_class = getattr(importlib.import_module(f"aktenfluss.{name}.settings"), f"{name.capitalize()}Settings")
    settings = settings_class(data_folder=data, port=port)
    async with open_installation(settings) as installation:
        installation.databases.migrate(name, f"aktenfluss.{name}.adapters.migrations")
        configure_logging(sys.stderr.buffer, installation.registry)
        service = module.build(settings, await installation.resources(name))
        await run(installation, [], service.app)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.name, arguments.data, arguments.port))
