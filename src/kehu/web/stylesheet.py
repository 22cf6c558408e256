"""One stylesheet for the browser out of a file per component: what app.css imports, in its layers, in its order.

Served from the data folder and written anew when a part is newer, so that neither running nor developing needs Node.
"""

import gzip
import os
import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from kehu.config import config

LISTING: Final = Path(__file__).parent / "static" / "web" / "css" / "app.css"
NAME: Final = "web/app.css"
_IMPORT: Final = re.compile(r'@import url\("([^"]+)"\) layer\((\w+)\);')
_LAYERS: Final = re.compile(r"@layer [\w, ]+;")


class BrokenListing(ValueError):
    """A line of app.css that is neither the order of the layers nor an import into one."""


def parts_of(listing: Path) -> list[tuple[str, Path]]:
    """(layer, file) for each import, in order."""
    parts = []
    for line in _lines(listing):
        found = _IMPORT.fullmatch(line)
        if found is None and not _LAYERS.fullmatch(line):
            raise BrokenListing(f"{listing.name}: {line!r} is no `@import url(…) layer(…);`")
        if found is not None:
            parts.append((found[2], (listing.parent / found[1]).resolve()))
    return parts


def bundle(listing: Path) -> str:
    """The layers in the order of the listing, neighbors of one layer in one block."""
    order = [line for line in _lines(listing) if _LAYERS.fullmatch(line)]
    blocks = [
        f"@layer {layer} {{\n{''.join(file.read_text() for _, file in parts)}}}"
        for layer, parts in groupby(parts_of(listing), key=lambda part: part[0])
    ]
    return "\n".join([*order, *blocks, ""])


def write_bundle(folder: Path, listing: Path = LISTING) -> Path:
    """The bundle in `folder`, beside it gzipped; left alone when no part is newer."""
    target = folder / NAME
    newest = max(file.stat().st_mtime for file in (listing, *(file for _, file in parts_of(listing))))
    if not target.exists() or target.stat().st_mtime <= newest:
        content = bundle(listing).encode()
        target.parent.mkdir(parents=True, exist_ok=True)
        for path, data in ((target.with_suffix(".css.gz"), gzip.compress(content, mtime=0)), (target, content)):
            half_written = path.with_suffix(f".{os.getpid()}")  # renamed when whole: another process may be reading
            half_written.write_bytes(data)
            half_written.replace(path)
    return target


class StylesheetFinder(BaseFinder):
    """Lets Django and WhiteNoise find the bundle among the static files."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(config.data_dir / "assets")

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path != NAME:
            return []
        found = str(write_bundle(Path(self.storage.location)))
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        write_bundle(Path(self.storage.location))
        yield NAME, self.storage


def _lines(listing: Path) -> list[str]:
    text = re.sub(r"/\*.*?\*/", "", listing.read_text(), flags=re.S)
    return [line.strip() for line in text.splitlines() if line.strip()]
