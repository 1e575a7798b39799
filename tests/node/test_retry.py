"""Promises of `node.retry`."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.retry import ImpossiblePolicyError, RetryPolicy, alarming, next_attempt

FAILED_AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
POLICY = RetryPolicy(
    first_delay=timedelta(seconds=5),
    factor=2.0,
    longest_delay=timedelta(minutes=10),
    jitter=0.2,
    alarm_after=4,
)


@pytest.mark.parametrize(
    ("attempts", "delay_s"), [(1, 5), (2, 10), (3, 20), (4, 40), (8, 600), (10**6, 600)]
)
def test_the_delay_doubles_up_to_a_cap(attempts: int, delay_s: float) -> None:
    due = next_attempt(POLICY, attempts, FAILED_AT, 0.0)

    assert due == FAILED_AT + timedelta(seconds=delay_s)


def test_jitter_draws_a_delay_out_by_its_share() -> None:
    due = next_attempt(POLICY, 2, FAILED_AT, 0.5)

    assert due == FAILED_AT + timedelta(seconds=11)


@given(
    attempts=st.integers(1, 10_000),
    jitter=st.floats(0, 1, exclude_max=True),
    factor=st.floats(1, 100),
)
def test_a_retry_is_always_later_and_never_beyond_the_cap(
    attempts: int, jitter: float, factor: float
) -> None:
    policy = RetryPolicy(factor=factor)

    due = next_attempt(policy, attempts, FAILED_AT, jitter)

    assert policy.first_delay <= due - FAILED_AT <= policy.longest_delay


def test_a_person_is_told_after_so_many_attempts() -> None:
    assert [alarming(POLICY, attempts) for attempts in (1, 3, 4, 5)] == [
        False,
        False,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first_delay", timedelta(0)),
        ("first_delay", timedelta(hours=1)),
        ("factor", 0.5),
        ("factor", float("nan")),
        ("jitter", -0.1),
        ("jitter", 1.1),
        ("alarm_after", 0),
    ],
)
def test_an_impossible_policy_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ImpossiblePolicyError) as refusal:
        RetryPolicy(**{name: value})  # type: ignore[arg-type]

    assert refusal.value.name == name
