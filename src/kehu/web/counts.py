"""A count as people read it: exact, "about", or "more than"."""

from django.utils.translation import gettext as _

from kehu.profile.queries.lists import Count
from kehu.web.wording import format_count


def count_in_words(count: Count) -> str:
    if count.is_exact:
        return format_count(count.number)
    if count.is_least:
        return _("more than %(n)s") % {"n": format_count(count.number)}
    return _("about %(n)s") % {"n": format_count(count.number)} if count.number else ""
