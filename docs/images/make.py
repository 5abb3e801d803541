"""Draw the picture of the README: ``HDLIB_PICTURES=1 python docs/images/make.py``."""

import base64
from pathlib import Path

from hdlib.workbook import explore_analogy


def analogy() -> bytes:
    """The card of notebook 00 as it opens, with what it measures behind, as a PNG."""
    bundle, _ = explore_analogy().wait()._repr_mimebundle_()
    return base64.b64decode(bundle["image/png"])


if __name__ == "__main__":
    Path(__file__).with_name("analogy.png").write_bytes(analogy())
