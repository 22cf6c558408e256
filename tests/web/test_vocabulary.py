"""The words of the pages cover what the rooms say."""

import pytest

from kehu.web import vocabulary


@pytest.mark.parametrize("strength", ["unique", "strong", "weak", "device", "demoted"])
def test_every_strength_of_an_identifier_has_a_word(strength: str) -> None:
    assert str(vocabulary.STRENGTHS[strength].label)
