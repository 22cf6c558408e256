"""Keys are rotated while everything runs: nothing is unreadable in between, and nothing stays under an old key."""

import base64
import threading
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from kehu.config import ConfigError
from kehu.core import keyring
from kehu.core.keyring import EnvironmentKeys, FileKeys, KeysKeptElsewhere
from kehu.core.sealing import NotOurSeal, seal, unseal, version_of
from kehu.feed.models import Webhook
from kehu.feed.sending import SEAL
from kehu.govern import keys
from kehu.govern.access import SYSTEM
from kehu.govern.consent import services as consent
from kehu.govern.consent.decision import Reason
from kehu.govern.consent.gate import may
from kehu.govern.consent.links import read_token, token_for
from kehu.govern.consent.models import Suppression
from kehu.govern.models import AuditEntry
from kehu.govern.second_factor import SECOND_FACTOR
from tests.cast import make_user

PHONES = [f"1392746{number}" for number in range(8101, 8131)]


@pytest.fixture
def ring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileKeys:
    ring = FileKeys(tmp_path / "keys")
    monkeypatch.setattr(keyring, "key_source", lambda: ring)
    return ring


def make_webhooks(count: int) -> None:
    Webhook.objects.bulk_create(
        Webhook(name=f"w{n}", url="https://example.com", kinds=[], secret=seal(f"secret {n}", SEAL))
        for n in range(count)
    )


def suppress(address: str) -> None:
    consent.suppress_address("sms", address, cause="manual", actor=SYSTEM)


def is_left_alone(address: str) -> bool:
    return may("marketing", "sms", address=address).reason is Reason.SUPPRESSED


def versions() -> set[int | None]:
    return {version_of(text) for text in Webhook.objects.values_list("secret", flat=True)}


def test_rotation_reaches_everything_while_others_read_and_write(kehu_db: Any, ring: FileKeys) -> None:
    make_webhooks(600)
    user = make_user("rep")
    Authenticator.objects.create(user=user, type="totp", data={"secret": seal("JBSWY3DP", SECOND_FACTOR), "n": 1})
    for phone in PHONES:
        suppress(phone)
    link = token_for("sms", PHONES[0])
    texts, failed, stop = list(Webhook.objects.values_list("secret", flat=True)), [], threading.Event()

    def read_on() -> None:
        while not stop.wait(0.005):
            failed.extend(text for text in texts[:50] if not unseal(text, SEAL).startswith("secret"))

    reader = threading.Thread(target=read_on)
    reader.start()
    asked: list[bool] = []
    try:
        for version in (1, 2):
            rotation = keys.rotate(tell=lambda rows: asked.append(is_left_alone(PHONES[7])))
            assert (rotation.version, rotation.shut) == (version, 0)
            assert rotation.resealed == {
                "feed_webhook.old_secret": 0, "feed_webhook.secret": 600,
                "mfa_authenticator.data": 1, "operate_alertroute.address": 0,
            }  # fmt: skip
            assert (rotation.rehashed, versions(), set(keys.left_to_do().values())) == (30, {version}, {0})
    finally:
        stop.set()
        reader.join()
    assert failed == []
    assert asked
    assert all(asked)
    assert all(is_left_alone(phone) for phone in PHONES)
    assert not is_left_alone("13911112222")
    assert unseal(Authenticator.objects.get().data["secret"], SECOND_FACTOR) == "JBSWY3DP"
    consent.choose_by_link(read_token(link), {("marketing", "sms"): True}, door=consent.Door("link"))
    assert Suppression.objects.filter(lifted_at=None).count() == 29, "a link from before the rotations still speaks"
    assert AuditEntry.objects.filter(action="keys.rotated").count() == 2


def test_a_run_that_was_stopped_is_gone_on_with(db: None, ring: FileKeys) -> None:
    make_webhooks(700)
    with pytest.raises(KeyboardInterrupt):
        keys.rotate(tell=lambda rows: (_ for _ in ()).throw(KeyboardInterrupt))
    assert keys.left_to_do()["feed_webhook.secret"] == 200
    assert keys.rotate(adds_key=False).resealed["feed_webhook.secret"] == 200
    assert versions() == {1}


def test_an_address_suppressed_again_meanwhile_is_kept_once(db: None, ring: FileKeys) -> None:
    suppress(PHONES[0])
    keyring.add_key()
    suppress(PHONES[0])
    assert Suppression.objects.count() == 2
    keys.rotate(adds_key=False)
    assert [one.key_version for one in Suppression.objects.all()] == [1]
    assert is_left_alone(PHONES[0])


def test_what_nobody_can_open_is_left_alone_and_counted(db: None, ring: FileKeys) -> None:
    make_webhooks(1)
    lost = "sealed2:9:" + base64.b64encode(b"x" * 40).decode()
    Webhook.objects.update(secret=lost)
    assert keys.rotate().shut == 1
    assert Webhook.objects.get().secret == lost
    with pytest.raises(NotOurSeal):
        unseal(lost, SEAL)


def test_nothing_is_sealed_where_a_rotation_would_not_find_it() -> None:
    with pytest.raises(LookupError):
        seal("x", "a purpose nobody registered")


def test_keys_others_can_read_or_that_are_none_stop_the_use(ring: FileKeys, tmp_path: Path) -> None:
    ring.add()
    (tmp_path / "keys").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        ring.keys()
    for text in ("1:short", "x:" + "A" * 44, "1:" + "A" * 44 + ",1:" + "A" * 44, "1"):
        with pytest.raises(ConfigError) as refused:
            EnvironmentKeys(text)
        assert "AAAA" not in str(refused.value)
    kept = EnvironmentKeys("2:" + base64.b64encode(b"k" * 32).decode())
    with pytest.raises(KeysKeptElsewhere, match="`3:`"):
        kept.add()
