"""Values as JSON has them: numbers that do not exist become null."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import singledispatch
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd


@singledispatch
def json_ready(value: Any) -> Any:
    """Return a value as JSON has it; numbers that are none become None.

    Parameters
    ----------
    value : Any
        Mappings, sequences, arrays, dataclasses, enumerations, paths, texts and
        numbers, those of NumPy and pandas included.

    Raises
    ------
    TypeError
        For anything else.
    """
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value)]
        return {name: json_ready(getattr(value, name)) for name in names}
    fact = f"{type(value).__name__} is nothing that JSON can hold"
    raise TypeError(fact)


@json_ready.register
def _(value: int) -> Any:
    return value


@json_ready.register
def _(value: float) -> Any:
    return float(value) if math.isfinite(value) else None


@json_ready.register
def _(value: str) -> Any:
    return str(value)


@json_ready.register
def _(value: Enum) -> Any:
    return json_ready(value.value)


@json_ready.register
def _(value: PurePath) -> Any:
    return value.as_posix()


@json_ready.register
def _(value: Mapping) -> Any:  # type: ignore[type-arg] # dispatched by class
    return {str(json_ready(key)): json_ready(item) for key, item in value.items()}


@json_ready.register
def _(value: Sequence) -> Any:  # type: ignore[type-arg] # dispatched by class
    return [json_ready(each) for each in value]


@json_ready.register(bytes)
@json_ready.register(bytearray)
def _(value: bytes | bytearray) -> Any:
    fact = f"{type(value).__name__} is nothing that JSON can hold"
    raise TypeError(fact)


@json_ready.register(set)
@json_ready.register(frozenset)
def _(value: set[Any] | frozenset[Any]) -> Any:
    return [json_ready(each) for each in sorted(value)]


@json_ready.register(np.ndarray)
@json_ready.register(np.generic)
def _(value: Any) -> Any:
    return json_ready(value.tolist())
