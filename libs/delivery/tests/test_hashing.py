import pytest

from aktenfluss.delivery.hashing import BLOCK_BYTES, copy_file, hash_file, in_parallel
from aktenfluss.kernel import digest_of


@pytest.fixture(params=[0, 1, BLOCK_BYTES, BLOCK_BYTES * 2 + 7])
def content(request):
    return bytes(number % 251 for number in range(256)) * (request.param // 256 + 1) if request.param else b""


def test_a_file_has_the_digest_of_its_bytes(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    ticks = []
    assert hash_file(path, ticks.append) == digest_of(content)
    assert sum(ticks) == len(content)


def test_a_copy_has_the_bytes_and_the_digest_of_its_source(tmp_path, content):
    (tmp_path / "source").write_bytes(content)
    digest = copy_file(tmp_path / "source", tmp_path / "a" / "b" / "copy")
    assert digest == digest_of(content)
    assert (tmp_path / "a" / "b" / "copy").read_bytes() == content


def test_results_come_in_the_order_of_their_tasks():
    assert list(in_parallel(lambda number: number * 2, range(100))) == list(range(0, 200, 2))


def test_an_error_in_one_task_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(in_parallel(lambda number: 1 // number, [1, 0]))
