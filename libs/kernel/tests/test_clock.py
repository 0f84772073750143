"""The system clock tells instants, never local times."""

from datetime import UTC, datetime, timedelta

from aktenfluss.kernel import SystemClock


def test_the_system_clock_tells_the_present_instant_in_utc():
    before = datetime.now(UTC)  # noqa: TID251 - compared with what the clock says
    told = SystemClock().now()

    assert told.utcoffset() == timedelta(0)
    assert before <= told <= before + timedelta(minutes=1)
