"""The program of a child, run in this process: the codec and the loop."""

import contextlib
import io
import resource
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aktenfluss.servicekit.sandbox import child

messages = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(min_size=1).filter(lambda key: key != "$bytes"), inner),
)


@settings(max_examples=50)
@given(messages)
def test_a_message_survives_the_way(message):
    frame = child.encode(message)
    size = int.from_bytes(frame[: child.HEADER_BYTES])
    assert size == len(frame) - child.HEADER_BYTES
    assert child.decode(frame[child.HEADER_BYTES :]) == message


@given(st.binary())
def test_a_frame_out_of_form_is_a_value_error(body):
    with contextlib.suppress(ValueError, RecursionError):
        child.decode(body)


def test_a_place_of_bytes_out_of_form_is_a_value_error():
    text = b'{"$bytes": ["a", 2]}'
    with pytest.raises(ValueError, match="not a place of bytes"):
        child.decode(len(text).to_bytes(4) + text)


@pytest.fixture
def cpu_limit():
    before = resource.getrlimit(resource.RLIMIT_CPU)
    yield
    resource.setrlimit(resource.RLIMIT_CPU, before)


class TooWideError(Exception):
    rule, detail = "too-wide", "page 1"


def answers_to(calls, functions):
    answers = io.BytesIO()
    child.serve(io.BytesIO(b"".join(map(child.encode, calls))), answers, functions, 3600)
    frames, position = answers.getvalue(), 0
    while position < len(frames):
        end = position + child.HEADER_BYTES + int.from_bytes(frames[position : position + child.HEADER_BYTES])
        yield child.decode(frames[position + child.HEADER_BYTES : end])
        position = end


def raising(error):
    def function():
        raise error

    return function


@pytest.mark.usefixtures("cpu_limit")
def test_calls_are_answered_until_one_leaves_the_process_in_doubt():
    functions = {"m:add": lambda a, b: a + b, "m:refuse": raising(TooWideError()), "m:full": raising(MemoryError())}
    calls = [["m:add", [1, 2]], ["m:refuse", []], ["m:full", []], ["m:add", [1, 2]]]
    assert list(answers_to(calls, functions)) == [
        {"result": 3},
        {"rule": "too-wide", "detail": "page 1"},
        {"killed": "memory", "detail": "MemoryError"},
    ]


@pytest.mark.usefixtures("cpu_limit")
def test_an_undeclared_exception_tells_its_type_only():
    calls = [["m:fail", []], ["m:fail", []]]
    assert list(answers_to(calls, {"m:fail": raising(KeyError("secret"))})) == [
        {"killed": "crash", "detail": "KeyError"}
    ]


def test_a_module_offers_the_functions_it_defines():
    offered = child.load([child.__name__])
    assert f"{child.__name__}:decode" in offered
    assert not any(name.endswith((":_answer", ":Any")) for name in offered)
    assert sys.modules[child.__name__] is child
