"""Data into a PDF. The template is ours and reads the data as JSON: what a customer is called can be no markup."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    import typst

# Typst is loaded where it is used: a large program that only who prints needs in memory.
_TEMPLATES: Final = Path(__file__).parent


def set_pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """template: a file of this folder. Nothing outside it is read, and no font of the machine: the same everywhere."""
    import typst

    return typst.compile(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        font_paths=_fonts(),
        sys_inputs={"data": msgspec.json.encode(data).decode()},
    )


@cache
def _fonts() -> "typst.Fonts":
    """Noto Sans SC (Chinese and Latin), and Typst's own for what it lacks."""
    import pylopdf_fonts_zh_cn
    import typst

    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[str(Path(pylopdf_fonts_zh_cn.__file__).parent)],
    )
