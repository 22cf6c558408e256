"""What is wrong with a message or a row, in the reader's language: codes and parameters are kept, sentences are not."""

from typing import Final, NamedTuple

import msgspec
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kehu.clean.touches import QUARANTINED


class ProblemText(NamedTuple):
    """label: the code in a few words. sentence: what to mend, with the parameters it was kept with."""

    label: str | Promise
    sentence: str | Promise = ""


PROBLEM_TEXTS: Final[dict[str, ProblemText]] = {
    # messages
    "not_a_record": ProblemText(_("not a record")),
    "not_a_row": ProblemText(_("not a row")),
    "unknown_kind": ProblemText(_("unknown kind"), _("Nothing here reads messages of the kind “%(kind)s”.")),
    "unknown_record_kind": ProblemText(
        _("unknown kind"), _("A record is a person, an organisation or a device, not “%(kind)s”.")
    ),
    "bad_type": ProblemText(_("unknown type"), _("“%(type)s” is no type of call.")),
    "mapping_missing": ProblemText(
        _("no mapping"), _("Source %(source)s has no mapping %(mapping)s: import the file again.")
    ),
    "no_event_name": ProblemText(_("event without a name"), _("A track call needs `event`.")),
    "no_group_id": ProblemText(_("group without an id"), _("A group call needs `groupId`.")),
    "no_id": ProblemText(
        _("no identity"), _("%(fields)s name nobody: they are missing, or a word for nobody (null, 0, guest).")
    ),
    "long_id": ProblemText(_("id too long"), _("%(field)s has %(length)s characters; at most %(most)s are taken.")),
    "nothing_to_merge": ProblemText(_("nothing to merge"), _("A merge call names two of e-mail, phone and userId.")),
    "untrusted_merge": ProblemText(
        _("merge from an untrusted caller"), _("Callers of %(source)s may not say who is one person.")
    ),
    "future_time": ProblemText(_("time in the future"), _("It says %(time)s, more than a day after it was received.")),
    "time_out_of_range": ProblemText(
        _("time out of range"), _("The time %(time)s, sent at %(sent)s, is outside the calendar.")
    ),
    "crash": ProblemText(_("crashed the worker")),
    "not_an_object": ProblemText(_("not a JSON object"), _("The line is not an object {…}.")),
    "not_json": ProblemText(_("not JSON")),
    "bad_utf8": ProblemText(_("not UTF-8")),
    "too_deep": ProblemText(_("nested too deep"), _("Objects are nested more than %(most)s deep.")),
    "too_many_keys": ProblemText(_("too many fields")),
    "duplicate_key": ProblemText(_("a field twice")),
    "nul_character": ProblemText(_("forbidden character")),
    "lone_surrogate": ProblemText(_("forbidden character")),
    "number_out_of_range": ProblemText(_("number too large")),
    # rows and cells, whose detail is the value itself
    "no_key": ProblemText(_("no key"), _("No key column is filled, and the rest does not say who it is.")),
    "nothing_usable": ProblemText(_("nothing usable in it"), _("No key, and no value that can be used.")),
    "unclosed_quote": ProblemText(_("quote not closed"), _("A quote is opened and not closed.")),
    "too_many_cells": ProblemText(
        _("too many cells"), _("%(found)s cells for %(columns)s columns: is a delimiter unquoted?")
    ),
    "cell_too_long": ProblemText(_("cell too long"), _("%(column)s is longer than 32 KB.")),
    "too_many_columns": ProblemText(_("too many fields"), _("The row has more than %(most)s fields.")),
    "list_too_long": ProblemText(_("list too long"), _("A list has %(found)s entries; at most %(most)s are taken.")),
    "unreadable": ProblemText(_("cannot be read")),
    "undecodable": ProblemText(_("characters lost in the encoding")),
    "digits_lost": ProblemText(_("digits lost by a spreadsheet")),
    "not_a_number": ProblemText(_("not a number")),
    "not_a_time": ProblemText(_("not a time")),
    "not_a_date": ProblemText(_("not a date")),
    "not_an_address": ProblemText(_("not an e-mail address")),
    "not_a_list": ProblemText(_("not a list")),
    "in_the_future": ProblemText(_("time in the future")),
    "unknown_word": ProblemText(_("unknown word")),
    "unknown_currency": ProblemText(_("unknown currency")),
    "checksum": ProblemText(_("check digit is wrong")),
    "placeholder": ProblemText(_("stands for nothing")),
}


_RULE: Final = ProblemText(
    _("held back by the rule %(rule)s"),
    _("The rule “%(rule)s” holds it back. Correct the message, or change the rule; then replay it."),
)


def problem_label(code: str) -> str:
    """The code in words of the reader's language; one nobody wrote words for, as it is."""
    if code.startswith(QUARANTINED):
        return str(_RULE.label) % {"rule": code.removeprefix(QUARANTINED)}
    found = PROBLEM_TEXTS.get(code)
    return str(found.label) if found else code.replace("_", " ")


def problem_text(code: str, detail: str) -> str:
    """What to mend: the code's own sentence where it has one, else the detail as it was kept."""
    found = _RULE if code.startswith(QUARANTINED) else PROBLEM_TEXTS.get(code)
    if found is None or not found.sentence:
        return detail
    if not detail:
        return str(found.sentence)
    try:
        return str(found.sentence) % msgspec.json.decode(detail, type=dict[str, str | int])
    except (msgspec.DecodeError, KeyError):  # kept as text, by an earlier version
        return detail
