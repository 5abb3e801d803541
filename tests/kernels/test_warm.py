"""Machine code kept on disk is never older than the sources that it was made of."""

import os

import pytest

from hdlib.kernels.warm import forget


@pytest.mark.parametrize(("edited", "kept"), [(1, True), (3, False)])
def test_old_machine_code_is_forgotten(tmp_path, edited, kept):
    ages = {"kernels/streams.py": edited, "sets/fast.py": 9}
    code = {"kernels/__pycache__/a.nbi": 2, "kernels/__pycache__/a.1.nbc": 4}
    code["sets/__pycache__/b.nbi"] = 5
    ages["kernels/__pycache__/streams.pyc"] = 1
    for name, age in (ages | code).items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (age, age))
    forget(tmp_path)
    assert [(tmp_path / name).exists() for name in code] == 3 * [kept]
    assert all((tmp_path / name).exists() for name in ages)
    forget(tmp_path)  # also where there is nothing left
