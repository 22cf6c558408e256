"""Recordings and attachments an event speaks of: links in its properties. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

MOST_FILES: Final = 10
_LONGEST: Final = 2_000
_SINGLE: Final = {
    "recording": "audio",
    "recordingurl": "audio",
    "recordinglink": "audio",
    "voiceurl": "audio",
    "audiourl": "audio",
    "voicemailurl": "audio",
    "videourl": "video",
    "picurl": "image",
    "screenshoturl": "image",
    "attachment": "document",
    "attachmenturl": "document",
    "fileurl": "document",
    "documenturl": "document",
    "transcripturl": "document",
}
_SEVERAL: Final = {"attachments": "document", "files": "document", "recordings": "audio", "media": "document"}
_ADDRESS: Final = ("url", "href", "link", "content_url", "contentUrl", "download_url")
_NAMES: Final = ("name", "filename", "file_name", "fileName", "title")
_TYPES: Final = ("type", "mime", "content_type", "contentType", "mime_type")
_ENDINGS: Final = {
    "audio": ("mp3", "wav", "ogg", "m4a", "amr", "opus", "aac", "flac"),
    "video": ("mp4", "mov", "webm", "avi", "mkv"),
    "image": ("jpg", "jpeg", "png", "gif", "webp", "heic", "bmp"),
}


@dataclass(frozen=True, slots=True)
class FileLink:
    """kind: audio, video, image or document. host: where it lies, shown beside the name."""

    kind: str
    name: str
    url: str
    host: str


def files_of(properties: Mapping[str, Any]) -> tuple[FileLink, ...]:
    """In the order in which the properties name them. Only links into the web; one with a masked part is none."""
    found: dict[str, FileLink] = {}
    for key, value in properties.items():
        for file in _named(key, value):
            found.setdefault(file.url, file)
    return tuple(found.values())[:MOST_FILES]


def _named(key: str, value: Any) -> Iterator[FileLink]:
    plain = key.replace("_", "").replace("-", "").casefold()
    if plain in _SINGLE:
        yield from _links([value], _SINGLE[plain])
    elif plain in _SEVERAL and isinstance(value, list):
        yield from _links(value[:MOST_FILES], _SEVERAL[plain])


def _links(values: list[Any], kind: str) -> Iterator[FileLink]:
    for value in values:
        said = value if isinstance(value, Mapping) else {"url": value}
        url = _first(said, _ADDRESS)
        if host := _host(url):
            name = _first(said, _NAMES) or unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2]) or host
            yield FileLink(_kind(_first(said, _TYPES), url, kind), name[:120], url, host)


def _host(url: str) -> str:
    """ "" for what is no address of a file in the web, or has been masked."""
    if not url or len(url) > _LONGEST or "*" in url or any(ord(letter) <= 32 for letter in url):
        return ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and not parts.username else ""


def _kind(said: str, url: str, fallback: str) -> str:
    general = said.partition("/")[0].casefold()
    if general in _ENDINGS:
        return general
    ending = urlsplit(url).path.rpartition(".")[2].casefold()
    return next((kind for kind, endings in _ENDINGS.items() if ending in endings), fallback)


def _first(said: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    return next((value.strip() for key in keys if isinstance(value := said.get(key), str) and value.strip()), "")
