"""What is wrong with a message, told in the reader's language from codes and parameters."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

import kehu.clean
from kehu.clean.touches import Rejected
from kehu.collect.problem_texts import PROBLEM_TEXTS, problem_label, problem_text
from tests.clean.test_segment_calls import read


def rejected(call: dict[str, object]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        read(call)
    return refusal.value


@pytest.mark.parametrize(
    ("call", "english", "chinese"),
    [
        ({"type": "dance"}, "“dance” is no type of call.", "「dance」不是调用的类型。"),
        ({"type": "track", "event": "x"}, "userId, anonymousId name nobody", "userId, anonymousId 没有指向任何人"),
        ({"type": "track", "event": "x", "userId": "null"}, "name nobody", "没有指向任何人"),
        ({"type": "track", "event": "x", "userId": "u" * 300}, "userId has 300 characters", "userId 有 300 个字符"),
        ({"type": "alias", "userId": "u"}, "userId, previousId name", "userId, previousId 没有"),
    ],
)
def test_a_refusal_reads_in_both_languages(call: dict[str, object], english: str, chinese: str) -> None:
    refusal = rejected(call)
    with override("en"):
        assert english in problem_text(refusal.code, refusal.detail)
    with override("zh-hans"):
        assert chinese in problem_text(refusal.code, refusal.detail)


def test_details_kept_as_text_and_codes_without_words_show_as_they_are() -> None:
    assert problem_text("future_time", "it says 2036, more than a day after") == "it says 2036, more than a day after"
    assert problem_text("not_a_number", "12,,3") == "12,,3"
    assert problem_text("no_such_code", "whatever") == "whatever"
    assert problem_label("no_such_code") == "no such code"
    assert problem_text("bad_type", '{"other": 1}') == '{"other": 1}'


def test_every_code_has_chinese_words_and_a_sentence_keeps_its_parameters() -> None:
    for code, text in PROBLEM_TEXTS.items():
        with override("en"):
            english, parameters = str(text.label), set(re.findall(r"%\((\w+)\)", str(text.sentence)))
        with override("zh-hans"):
            assert str(text.label) != english or code in {"not_json", "bad_utf8"}, code
            assert set(re.findall(r"%\((\w+)\)", str(text.sentence))) == parameters, code


def test_every_code_a_message_is_rejected_with_has_words() -> None:
    folder = Path(kehu.clean.__file__).parent
    raised = {code for file in folder.rglob("*.py") for code in re.findall(r'Rejected\(\s*"(\w+)"', file.read_text())}
    assert len(raised) > 8
    assert raised - PROBLEM_TEXTS.keys() == set()
