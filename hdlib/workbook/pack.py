"""Figure JSON as widget state: number arrays travel as binary, not as text."""

from typing import Any

import numpy as np

_TYPES = {"f4", "f8", "i1", "i2", "i4", "u1", "u2", "u4"}  # those that JavaScript has arrays for
_WORTH_IT = 8  # shorter lists of numbers are smaller as text


def pack(value: Any) -> Any:
    """Replace every number array by plotly's {dtype, shape, bdata}; all else stays as it is.

    >>> import numpy as np
    >>> pack({"y": np.arange(3), "name": "a"})["y"]["dtype"]
    'i4'
    """
    if isinstance(value, dict):
        return {key: pack(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        if len(value) >= _WORTH_IT and all(type(item) in (int, float) for item in value):
            return pack(np.asarray(value))
        return [pack(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        array = _without_int64(value)
        kind = array.dtype.str[1:]
        if kind not in _TYPES:
            return array.tolist()
        shape = ",".join(map(str, array.shape))
        return {"dtype": kind, "shape": shape, "bdata": array.tobytes()}
    return value


def _without_int64(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    if array.dtype.str[1:] not in ("i8", "u8"):
        return array
    fits = array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
    return array.astype(np.int32 if fits else np.float64)
