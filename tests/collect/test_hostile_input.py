"""What strangers send to hurt: refused for good, nothing stored, and the collector stays as it was."""

import base64
import gzip
import json
import zlib

import pytest

from kehu.collect.segment_requests import Refused, parse_batch, parse_call
from kehu.core.strict_json import BadJson, decode_object
from tests.collect.conftest import Collector

HEADERS = {"Authorization": "Basic " + base64.b64encode(b"wk_web:").decode()}

HOSTILE = {
    "empty": (b"", "not_json"),
    "no JSON": (b"hello", "not_json"),
    "cut off": (b'{"userId":"u"', "not_json"),
    "two values": (b'{"userId":"u"}{}', "not_json"),
    "a list": (b"[]", "not_an_object"),
    "a text": (b'"x"', "not_an_object"),
    "bad UTF-8": (b'{"userId":"u","a":"\xff\xfe"}', "bad_utf8"),
    "bad UTF-8 in a key": (b'{"userId":"u","\xc3":1}', "bad_utf8"),
    "surrogate in UTF-8": (b'{"userId":"u","a":"\xed\xa0\x80"}', "bad_utf8"),
    "overlong UTF-8": (b'{"userId":"u","a":"\xc0\xaf"}', "bad_utf8"),
    "lone high surrogate": (b'{"userId":"u","a":"\\ud800x"}', "lone_surrogate"),
    "lone low surrogate": (b'{"userId":"u","a":"\\udc00"}', "lone_surrogate"),
    "NUL escaped": (b'{"userId":"u","a":{"b":["\\u0000"]}}', "nul_character"),
    "NUL in a key": (b'{"userId":"u","a\\u0000":1}', "nul_character"),
    "NUL raw": (b'{"userId":"u","a":"\x00"}', "not_json"),
    "33 levels": (b'{"userId":"u","a":' + b'{"a":' * 32 + b"1" + b"}" * 33, "too_deep"),
    "33 levels of lists": (b'{"userId":"u","a":' + b"[" * 32 + b"]" * 32 + b"}", "too_deep"),
    "1,000 levels": (b'{"userId":"u","a":' + b"[" * 1_000 + b"]" * 1_000 + b"}", "too_deep"),
    "10,000 levels": (b'{"userId":"u","a":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "too_deep"),
    "duplicate key": (b'{"userId":"u","userId":"v"}', "duplicate_key"),
    "duplicate key escaped": (b'{"userId":"u","user\\u0049d":"v"}', "duplicate_key"),
    "duplicate key deep": (b'{"userId":"u","a":[{"b":1,"c":{"d":1,"d":2}}]}', "duplicate_key"),
    "duplicate key, blanks": (b'{"userId" : "u", "a"\n:1, "a"\t: 2}', "duplicate_key"),
    "duplicate key, colons in text": (b'{"userId":"u","t":"a\\": :b","a":1,"a":2}', "duplicate_key"),
    "1,001 keys": (json.dumps({"userId": "u"} | {str(n): n for n in range(1_000)}).encode(), "too_many_keys"),
    "NaN": (b'{"userId":"u","a":NaN}', "not_json"),
    "Infinity": (b'{"userId":"u","a":-Infinity}', "not_json"),
    "1e400": (b'{"userId":"u","a":1e400}', "number_out_of_range"),
    "65 bits": (b'{"userId":"u","a":[18446744073709551616]}', "number_out_of_range"),
    "400 digits": (b'{"userId":"u","a":' + b"9" * 400 + b"}", "number_out_of_range"),
    "20,000 digits": (b'{"userId":"u","a":' + b"9" * 20_000 + b"}", "number_out_of_range"),
    "long message id": (b'{"userId":"u","messageId":"' + b"m" * 201 + b'"}', "long_message_id"),
    "long user id": (b'{"userId":"' + b"u" * 501 + b'"}', "long_id"),
    "id is an object": (b'{"userId":{"a":1}}', "no_id"),
    "id is a bool": (b'{"userId":true}', "no_id"),
    "byte order mark": (b'\xef\xbb\xbf{"userId":"u"}', "not_json"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_call_is_refused_with_its_reason(name: str) -> None:
    body, code = HOSTILE[name]
    with pytest.raises(Refused) as refused:
        parse_call("track", body)
    assert (refused.value.code, refused.value.status) == (code, 400)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (_, code) in HOSTILE.items()
        if code not in ("not_json", "not_an_object") and "000 levels" not in name
    ],
)
def test_a_hostile_event_does_not_take_its_batch_along(name: str) -> None:
    body, code = HOSTILE[name]
    good = b'{"type":"track","userId":"u"}'
    bad = b'{"type":"track",' + body[1:]
    parsed = parse_batch(b'{"batch":[' + good + b"," + bad + b"," + good + b"]}")
    assert [(skipped.index, skipped.code) for skipped in parsed.skipped] == [(1, code)]
    assert len(parsed.events) == 2


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_is_none_costs_only_its_own_event(number: str) -> None:
    body = '{"batch":[{"type":"track","userId":"u","a":[N]},{"type":"track","userId":"u","t":"名"}]}'.replace(
        "N", number
    )
    parsed = parse_batch(body.encode())
    assert [(skipped.index, skipped.code) for skipped in parsed.skipped] == [(0, "not_json")]
    assert json.loads(parsed.events[0].payload)["t"] == "名"
    with pytest.raises(Refused):
        parse_batch(b'{"batch":[{"type":"track","userId":"u"}],"context":{"a":%s}}' % number.encode())


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}',
        '{"a" : 1, "b"\n:\t2}',
        '{"time":"10:00:00","url":"https://x.example/?a=\\":b"}',
        '{"t":"\\\\","u":"a\\\\\\":"}',
        '{"emoji":"\\ud83d\\ude00","zh":"张"}',
        '{"backslash":"\\\\u0000"}',
        '{"big":9223372036854775807,"small":-9223372036854775807,"float":0.12345678901234567890123}',
        '{"deep":' + "[" * 31 + "]" * 31 + "}",
        "{}",
    ],
)
def test_what_only_looks_hostile_is_decoded(text: str) -> None:
    assert decode_object(text.encode()) == json.loads(text)


def test_a_bomb_that_breaks_the_parser_takes_its_batch_along() -> None:
    with pytest.raises(Refused) as refused:
        parse_batch(b'{"batch":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}")
    assert refused.value.code == "too_deep"


def test_a_decoding_error_says_its_code() -> None:
    with pytest.raises(BadJson) as error:
        decode_object(b'{"a":1,"a":1}')
    assert error.value.code == "duplicate_key"


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (bomb(200), "too_large", 413),
        (gzip.compress(b'{"batch":[' + b" " * 3_000_000 + b"]}"), "too_large", 413),
        (gzip.compress(b"{}")[:-4], "bad_gzip", 400),
        (gzip.compress(b"{}") + b"more", "bad_gzip", 400),
        (b"not gzip at all", "bad_gzip", 400),
        (b"", "bad_gzip", 400),
    ],
    ids=["200 MB", "ratio", "cut off", "goes on", "no gzip", "empty"],
)
def test_a_hostile_gzip_body_is_refused(collector: Collector, body: bytes, code: str, status: int) -> None:
    response = collector.post("/v1/batch", content=body, headers=HEADERS | {"Content-Encoding": "gzip"})
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert collector.new_messages() == []


def test_an_unknown_encoding_is_refused(collector: Collector) -> None:
    response = collector.post("/v1/batch", content=b"x", headers=HEADERS | {"Content-Encoding": "br"})
    assert (response.status_code, response.json()["code"]) == (415, "unknown_encoding")


def test_a_body_that_lies_about_its_length_is_measured_while_it_is_read(collector: Collector) -> None:
    async def endless() -> object:
        for _ in range(100):
            yield b" " * 100_000

    response = collector.post("/v1/batch", content=endless(), headers=HEADERS)
    assert response.status_code == 413
