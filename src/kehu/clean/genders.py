"""Gender as systems write it: 男/女, M/F, 1/2."""

from typing import Final

from kehu.clean.text_forms import tidy, word_set

_MALE: Final = word_set("男 男性 男士 男生 先生 m male man boy mr mr. 1 ♂ masculino homme")
_FEMALE: Final = word_set("女 女性 女士 女生 小姐 太太 f female woman girl ms ms. mrs mrs. miss 2 ♀ feminino femme")
_GENDER_BY_WORD: Final = dict.fromkeys(_MALE, "male") | dict.fromkeys(_FEMALE, "female")


def parse_gender(text: str | None) -> str | None:
    """ "male", "female", or None when it says neither. 1 and 2 as WeChat and GB/T 2261.1 have them."""
    if not text:
        return None
    found = _GENDER_BY_WORD.get(text)
    return found if found is not None else _GENDER_BY_WORD.get(tidy(text).lower())
