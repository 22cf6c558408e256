"""The kinds of sources, and whether their callers are trusted unless somebody says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class SourceKind:
    """is_trusted: its callers may assert strong identifiers; a key that stands in a page never may."""

    name: str
    label: str | Promise
    is_trusted: bool


SOURCE_KINDS: Mapping[str, SourceKind] = {
    kind.name: kind
    for kind in (
        SourceKind("web", _("Website"), False),
        SourceKind("app", _("App or mini program"), False),
        SourceKind("segment", _("Segment-compatible client"), False),
        SourceKind("server", _("Own server"), True),
        SourceKind("wechat", _("WeChat"), True),
        SourceKind("shop", _("Online shop"), True),
        SourceKind("market", _("Marketplace"), True),
        SourceKind("till", _("Till"), True),
        SourceKind("call", _("Telephone"), True),
        SourceKind("crm", _("CRM"), True),
        SourceKind("erp", _("ERP"), True),
        SourceKind("mail", _("E-mail list"), True),
        SourceKind("file", _("File"), True),
        SourceKind("api", _("REST API"), True),
        SourceKind("native", _("Typed into Kehu"), True),
    )
}
