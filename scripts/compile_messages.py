"""Compile every room's .po to .mo where the .mo is missing or older (Babel; no gettext tools needed)."""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "kehu"


def main() -> int:
    """Compile what is stale; 1 when a catalogue cannot be read or holds a fuzzy or broken entry."""
    problems: list[str] = []
    for source in sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        problems += compile_catalogue(source, target)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def compile_catalogue(source: Path, target: Path) -> list[str]:
    """Write target from source; return what is wrong with it, one line each."""
    try:
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    except PoFileError as error:
        return [f"{source}: {error}"]
    problems = [f"{source}:{message.lineno}: {error}" for message, errors in catalogue.check() for error in errors]
    if not problems:
        half_written = target.with_suffix(".mo.new")  # renamed when whole: a running server may be reading
        with half_written.open("wb") as file:
            write_mo(file, catalogue)
        half_written.replace(target)
    return problems


if __name__ == "__main__":
    sys.exit(main())
