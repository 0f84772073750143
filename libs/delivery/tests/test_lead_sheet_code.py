import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from aktenfluss.delivery import LeadSheetCode, check_digits, is_order_item_id, order_item_id

numbers = st.integers(0, 99_999_999)
codes = st.builds(LeadSheetCode, numbers.map(order_item_id), st.integers(1, 9_999))


def digit_places(text: str) -> list[int]:
    return [place for place, character in enumerate(text) if character.isdigit()]


@given(numbers)
def test_every_number_has_an_id_of_ten_digits(number):
    item_id = order_item_id(number)
    assert len(item_id) == 10
    assert int(item_id[:8]) == number
    assert is_order_item_id(item_id)


@given(numbers, st.integers(0, 9), st.sampled_from("0123456789"))
def test_a_wrong_digit_in_an_id_is_found(number, place, digit):
    item_id = order_item_id(number)
    assume(item_id[place] != digit)
    assert not is_order_item_id(item_id[:place] + digit + item_id[place + 1 :])


@given(numbers, st.integers(0, 9), st.integers(0, 9))
def test_two_digits_of_an_id_that_changed_places_are_found(number, first, second):
    item_id = list(order_item_id(number))
    assume(item_id[first] != item_id[second])
    item_id[first], item_id[second] = item_id[second], item_id[first]
    assert not is_order_item_id("".join(item_id))


@given(codes)
def test_a_code_reads_back_as_it_was_written(code):
    assert LeadSheetCode.parse(code.format()) == code


@given(codes, st.data())
def test_a_wrong_digit_in_a_code_is_found(code, data):
    text = code.format()
    place = data.draw(st.sampled_from(digit_places(text)))
    digit = data.draw(st.sampled_from("0123456789".replace(text[place], "")))
    with pytest.raises(ValueError, match="lead sheet"):
        LeadSheetCode.parse(text[:place] + digit + text[place + 1 :])


@given(codes, st.data())
def test_two_digits_of_a_code_that_changed_places_are_found(code, data):
    text = list(code.format())
    first, second = data.draw(st.lists(st.sampled_from(digit_places(text)), min_size=2, max_size=2, unique=True))
    assume(text[first] != text[second])
    text[first], text[second] = text[second], text[first]
    with pytest.raises(ValueError, match="lead sheet"):
        LeadSheetCode.parse("".join(text))


@pytest.mark.parametrize(
    "text", ["", "EA1", "PATCHT", "EA1.FILE.0000000197.1", "EA2.FILE.0000000197.1.97", "EA1.FILE.\u0660000000197.1.97"]
)
def test_what_is_no_code_is_refused(text):
    with pytest.raises(ValueError, match="not the code"):
        LeadSheetCode.parse(text)


def test_a_code_over_an_id_with_wrong_check_digits_is_refused():
    text = f"EA1.FILE.0000000100.1.{check_digits('1' + '0000000100' + '1')}"
    with pytest.raises(ValueError, match="order item"):
        LeadSheetCode.parse(text)


def test_the_known_example_of_the_standard():
    assert check_digits("794") == "44"  # ISO/IEC 7064, MOD 97-10


@pytest.mark.parametrize("number", [-1, 100_000_000])
def test_a_number_that_does_not_fit_has_no_id(number):
    with pytest.raises(ValueError, match="eight digits"):
        order_item_id(number)


@pytest.mark.parametrize("volume", [0, 10_000])
def test_a_volume_out_of_range_has_no_code(volume):
    with pytest.raises(ValueError, match="volume"):
        LeadSheetCode(order_item_id(1), volume)


@pytest.mark.parametrize("text", ["", "123", "0000000197\n", "\u0660000000197", "00000001970"])
def test_what_is_no_id_is_not_taken_for_one(text):
    assert not is_order_item_id(text)
