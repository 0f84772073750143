"""What the machine gives, where it gives little."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from aktenfluss.servicekit import Outcome
from aktenfluss.servicekit.checkup.limits import least_memory, limits, memory, open_files, room, room_in

OK, WARNING, FAILURE = Outcome
PROBE = """
import json, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[1])))
from pathlib import Path
from aktenfluss.servicekit.checkup.limits import limits
print(json.dumps({finding.name: finding.outcome for finding in limits(Path("/"))}))
"""


@pytest.mark.parametrize(("most", "outcome"), [(512, FAILURE), (1024, WARNING), (4096, OK)])
def test_a_process_with_few_open_files_is_told(most, outcome):
    done = subprocess.run([sys.executable, "-c", PROBE, str(most)], check=True, capture_output=True, text=True)
    assert json.loads(done.stdout)["open files"] == outcome


def test_no_limit_is_fine():
    assert open_files(resource.RLIM_INFINITY).outcome is OK


@pytest.mark.parametrize(("free", "outcome"), [(1 << 20, FAILURE), (1 << 30, WARNING), (8 << 30, OK)])
def test_a_disk_that_fills_up_is_told(free, outcome):
    assert room("room data", free).outcome is outcome


def test_a_folder_that_is_not_there_yet_is_judged_by_the_disk_it_will_be_on(tmp_path):
    assert room_in("room", tmp_path / "not" / "yet").seen == room_in("room", tmp_path).seen


@pytest.mark.parametrize(("text", "bytes_"), [("268435456\n", 256 << 20), ("max\n", 0), ("9223372036854771712\n", 0)])
def test_the_limit_of_the_control_group_counts_where_it_is_one(tmp_path, text, bytes_):
    limit, absent = tmp_path / "memory.max", tmp_path / "none"
    limit.write_text(text)
    assert least_memory((limit, absent)) == (bytes_ or least_memory((absent,)))


@pytest.mark.parametrize(("most", "outcome"), [(256 << 20, WARNING), (512 << 20, OK)])
def test_little_memory_is_a_warning(most, outcome):
    assert memory(most).outcome is outcome


def test_every_limit_is_told():
    assert [finding.name for finding in limits(Path("/"))] == ["open files", "memory", "room data", "room temporary"]
