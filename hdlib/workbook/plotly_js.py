"""The installed plotly.js, for a page that has none of its own."""

import functools
import gzip
from pathlib import Path

import plotly


@functools.cache
def zipped() -> bytes:
    """The library, gzipped: 1.5 MB, compressed once a kernel."""
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    return gzip.compress(library.read_bytes(), 6)
