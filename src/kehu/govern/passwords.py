"""Passwords somebody would guess: one known word dressed up, a walk over the keyboard, the same again and again.

The twenty thousand most used passwords come with Django; here they are looked for inside a password, because nobody
has twelve signs of a known one: people write Password2026! and woaini1314520.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kehu.config import config

SHORTEST_WORD: Final = 4
UNEXPLAINED_ENOUGH: Final = 5
"""So many signs that belong to no known word make it worth a guess more."""
_DRESS: Final = str.maketrans(
    {"@": "a", "4": "a", "3": "e", "1": "i", "!": "i", "0": "o", "$": "s", "5": "s", "7": "t"}
)
_WALKS: Final = (
    "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn", "qazwsxedcrfvtgb",
)  # fmt: skip
_DIGITS: Final = re.compile(r"[\d\W_]+")
_LONGEST: Final = 64


class GuessableValidator:
    """For AUTH_PASSWORD_VALIDATORS."""

    def validate(self, password: str, user: Any = None) -> None:
        known = [*_context(), *([user.name, user.email] if user is not None else [])]
        if is_guessable(password, known):
            raise ValidationError(self.get_help_text(), code="password_guessable")

    def get_help_text(self) -> str:
        return _("This would be guessed soon: take several words that have nothing to do with one another.")


def is_guessable(password: str, context: Iterable[str] = ()) -> bool:
    """context: names of the company, the person, their address, which a guesser knows as well."""
    plain = password.lower()[:_LONGEST]
    own = {part for text in context for part in re.split(r"[\W_\d]+", text.lower()) if len(part) >= SHORTEST_WORD - 1}
    return any(_is_one_word(form, own) for form in (plain, plain.translate(_DRESS)))


def _is_one_word(text: str, own: set[str]) -> bool:
    words, left = _taken_apart(text, own)
    rest = _DIGITS.sub("", left)
    return len(words) <= 1 and len(set(rest)) < UNEXPLAINED_ENOUGH


def _taken_apart(text: str, own: set[str]) -> tuple[set[str], str]:
    """The known words in a text, longest first from the left, and what is left over."""
    words, left, at = set[str](), "", 0
    while at < len(text):
        end = next((e for e in range(len(text), at + 2, -1) if _is_known(text[at:e], own)), at)
        if end == at:
            left += text[at]
            at += 1
        else:
            words.add(_family(text[at:end]))
            at = end
    return words, left


def _is_known(part: str, own: set[str]) -> bool:
    if part in own:
        return True
    return len(part) >= SHORTEST_WORD and not _DIGITS.fullmatch(part) and (part in _common() or _is_walk(part))


def _is_walk(part: str) -> bool:
    return any(part in walk or part in walk[::-1] for walk in _WALKS)


def _family(word: str) -> str:
    """Walks and repeated signs are all one word: qwertyasdf is no two."""
    return "a walk" if _is_walk(word) or len(set(word)) <= 2 else word


@cache
def _common() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


@cache
def _context() -> tuple[str, ...]:
    return ("kehu", "admin", "password", "mima", config.public_url, *config.allowed_hosts)
