"""Relations in words: what the other one is to a customer, and why we think so."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.profile.relations.kinds import KINDS, Side, fits
from kehu.profile.relations.lines import Evidence, RelationLine
from kehu.web import live
from kehu.web.components import Text
from kehu.web.wording import format_ago

# By kind and by the side this customer stands on; who works somewhere is called the same from both ends.
_OTHER: Final = {
    ("contact_of", Side.LEFT): gettext_lazy("contact there"),
    ("contact_of", Side.RIGHT): gettext_lazy("contact"),
    ("employee_of", Side.LEFT): gettext_lazy("employed there"),
    ("employee_of", Side.RIGHT): gettext_lazy("employee"),
    ("owner_of", Side.LEFT): gettext_lazy("owns a share"),
    ("owner_of", Side.RIGHT): gettext_lazy("owner"),
    ("subsidiary_of", Side.LEFT): gettext_lazy("parent company"),
    ("subsidiary_of", Side.RIGHT): gettext_lazy("subsidiary"),
    ("branch_of", Side.LEFT): gettext_lazy("head office"),
    ("branch_of", Side.RIGHT): gettext_lazy("branch office"),
    ("partner_of", Side.LEFT): gettext_lazy("partner"),
    ("household", Side.LEFT): gettext_lazy("household"),
    ("affiliate_of", Side.LEFT): gettext_lazy("belongs together"),
    ("same_as", Side.LEFT): gettext_lazy("perhaps the same"),
}
_SHARED: Final = {
    "name_core": gettext_lazy("name"),
    "suffix": gettext_lazy("legal form"),
    "region": gettext_lazy("place"),
    "domain": gettext_lazy("domain"),
    "phone": gettext_lazy("phone"),
    "email": gettext_lazy("e-mail"),
    "address": gettext_lazy("address"),
    "licence": gettext_lazy("licence number"),
    "branch": gettext_lazy("branch"),
}


def other_is(kind: str, side: Side) -> Text:
    return _OTHER.get((kind, side), kind.replace("_", " "))


def choices_for(customer_kind: str, other_kind: str) -> list[tuple[str, Text]]:
    """What a person may say the other one is, as kind/side."""
    ends = {Side.LEFT: (customer_kind, other_kind), Side.RIGHT: (other_kind, customer_kind)}
    return [
        (f"{kind}/{side}", label)
        for (kind, side), label in _OTHER.items()
        if KINDS[kind].is_typed and fits(KINDS[kind], *ends[side])
    ]


def span(line: RelationLine | Evidence) -> str:
    """From when to when, "" when nobody says."""
    since, until = line.since_on, line.until_on
    if since and until:
        return f"{since} – {until}"
    if since:
        return _("since %(day)s") % {"day": since}
    return _("until %(day)s") % {"day": until} if until else ""


def evidence_in_words(one: Evidence) -> str:
    if one.is_told:
        at = format_ago(one.said_at) if one.said_at else ""
        return " · ".join(part for part in (live.source_name(one.source_id), one.role, span(one), at) if part)
    parts = [
        " ".join(str(part) for part in (_SHARED.get(what["what"], what["what"]), what.get("value", "")) if part)
        for what in one.detail.get("evidence", ())
        if what.get("bits", 1) > 0
    ]
    return _("Found by comparing: %(what)s") % {"what": _(", ").join(parts)} if parts else _("Found by comparing")
