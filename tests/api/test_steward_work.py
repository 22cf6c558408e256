"""Review pairs, imports, dead letters and rebuilds over the API."""

import json
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kehu.collect import inbox
from kehu.collect.models import DeadLetter
from kehu.collect.services import create_source
from kehu.core.database import current_connection
from kehu.govern.access import SYSTEM
from kehu.profile.models import Customer
from kehu.resolve.models import RecordCustomer
from tests.api.conftest import Api, api_as
from tests.cast import NOON, make_customer, make_department


@pytest.fixture
def steward(db) -> Api:
    return api_as("steward")


def make_pair(left: UUID, right: UUID) -> tuple[UUID, UUID]:
    """A review pair between the only records of two customers; returns the records in the order of the pair."""
    from kehu.resolve.models import ReviewPair

    records = {c: RecordCustomer.objects.get(customer_id=c).record_id for c in (left, right)}
    (one, of_one), (two, of_two) = sorted((record, customer) for customer, record in records.items())
    ReviewPair.objects.create(
        left_id=one,
        right_id=two,
        left_customer_id=of_one,
        right_customer_id=of_two,
        probability=0.7,
        weight_bits=3.0,
        since=NOON,
    )
    return one, two


def test_pairs_are_listed_explained_and_decided(steward):
    made = [steward.post("/customers", {"attributes": {"name": name}}).json() for name in ("张伟", "李静")]
    left, right = make_pair(*(UUID(one["customer_id"]) for one in made))
    [pair] = steward.get("/reviews").json()["items"]
    assert (pair["left_id"], pair["right_id"], pair["probability"]) == (str(left), str(right), 0.7)
    why = steward.get(f"/reviews/{left}/{right}/explanation").json()
    total = why["prior_bits"] + sum(part["bits"] for part in why["contributions"])
    assert total == pytest.approx(why["total_bits"], abs=1e-5)

    different = {"left_id": str(left), "right_id": str(right), "verdict": "different", "reason": "brothers"}
    assert steward.post("/reviews/decisions", different).json() == {"merge": None}
    same = {**different, "verdict": "same", "reason": "one person after all"}
    merged = steward.post("/reviews/decisions", same).json()["merge"]
    assert merged["records_moved"] == 1
    assert Customer.objects.count() == 1


def test_pairs_with_a_customer_out_of_sight_are_not_there(db):
    east, west = make_department("East"), make_department("West")
    left, right = make_pair(make_customer(department_id=east.pk), make_customer("李静", department_id=west.pk))
    manager = api_as("manager", east)
    assert manager.get("/reviews").json()["items"] == []
    assert manager.get(f"/reviews/{left}/{right}/explanation").status_code == 404
    body = {"left_id": str(left), "right_id": str(right), "verdict": "same"}
    assert manager.post("/reviews/decisions", body).status_code == 404


def upload(api: Api, content: bytes, name: str = "会员.csv", **fields: str):
    return api.client.post(
        "/api/v1/imports",
        {"file": SimpleUploadedFile(name, content), **fields},
        headers=api.headers | {"Idempotency-Key": f"upload {len(content)}"},
    )


def test_a_file_is_uploaded_proposed_previewed_and_started(db):
    api = api_as("administrator")
    source = create_source(kind="file", name="Members", actor=SYSTEM)
    content = "会员号,姓名,手机\n1001,张伟,13800138000\n1002,李娜,abc\n".encode("gb18030")
    made = upload(api, content, source_id=str(source.pk))
    assert made.status_code == 201, made.content
    assert upload(api, content, source_id=str(source.pk)).json()["id"] == made.json()["id"]
    import_id = made.json()["id"]
    proposal = api.get(f"/imports/{import_id}/proposal").json()
    assert proposal["mapping"]["attributes"]["手机"] == "phone"
    preview = api.post(f"/imports/{import_id}/preview", {"mapping": proposal["mapping"]}).json()
    assert preview["rows"][0]["records"][0]["attributes"]["name"] == "张伟"
    started = api.post(f"/imports/{import_id}/start", {"mapping": proposal["mapping"], "source_id": source.pk})
    assert (started.status_code, started.json()["kind"]) == (200, "import.run")
    assert api.get(f"/imports/{import_id}").json()["state"] == "running"
    again = api.post(f"/imports/{import_id}/start", {"mapping": proposal["mapping"], "source_id": source.pk})
    assert (again.status_code, again.json()["code"]) == (409, "import_running")
    assert api.post(f"/imports/{import_id}/cancel").json()["count"] == 1
    assert api.get(f"/imports/{import_id}/problems").json()["items"] == []
    assert [one["id"] for one in api.get("/imports").json()["items"]] == [import_id]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", b"\x89PNG\r\n", b"PK\x03\x04" + b"\x00" * 50])
def test_what_is_no_table_is_refused(db, content):
    response = upload(api_as("administrator"), content, "x.csv")
    assert response.status_code == 422, response.content
    assert response.json()["code"] == "file_refused"


def test_a_file_of_nulls_breaks_nothing(db):
    api = api_as("administrator")
    made = upload(api, b"\x00" * 100 + b"\n\x00,\x00\n")
    if made.status_code == 201:
        assert api.get(f"/imports/{made.json()['id']}/proposal").status_code in {200, 422}
    else:
        assert made.status_code == 422


@pytest.mark.parametrize(
    "mapping", [{}, {"record": 5}, {"record": {"key": ["nowhere"]}}, {"attributes": {"姓名": "__class__"}}], ids=str
)
def test_a_mapping_that_does_not_fit_is_refused(db, mapping):
    api = api_as("administrator")
    source = create_source(kind="file", name="Members", actor=SYSTEM)
    import_id = upload(api, "姓名,手机\n张伟,13800138000\n".encode()).json()["id"]
    for path, body in (("preview", {}), ("start", {"source_id": source.pk})):
        response = api.post(f"/imports/{import_id}/{path}", {"mapping": mapping, **body})
        assert response.status_code == 422, (path, response.content)


def test_an_import_names_a_source_that_exists(db):
    api = api_as("administrator")
    assert upload(api, b"a,b\n1,2\n", source_id="999999").status_code == 404


def bury_one(payload: bytes = b"{}") -> DeadLetter:
    source = create_source(kind="web", name="Shop", actor=SYSTEM)
    new = inbox.NewMessage(source_id=source.pk, kind="segment", message_id="m1", payload=payload, shard_key="a")
    [appended] = inbox.append(current_connection(), [new])
    [message] = inbox.read_window(current_connection(), appended.shard, 0, 10)
    inbox.bury(current_connection(), message, "not_a_call", "no type")
    return DeadLetter.objects.get()


def test_a_dead_letter_is_corrected_and_replayed_once(steward):
    letter = bury_one(b'{"broken": ')
    [listed] = steward.get("/dead-letters").json()["items"]
    assert (listed["reason"], "payload" in listed) == ("not_a_call", False)
    assert steward.get(f"/dead-letters/{letter.pk}").json()["payload"] == '{"broken": '
    assert steward.get("/dead-letters/reasons").json()["items"][0]["count"] == 1
    mended = {"payload": json.dumps({"type": "track"}), "reason": "closed the bracket"}
    assert steward.post(f"/dead-letters/{letter.pk}/replay", mended).status_code == 200
    again = steward.post(f"/dead-letters/{letter.pk}/replay", mended)
    assert (again.status_code, again.json()["code"]) == (409, "dead_letter_not_open")


def test_all_of_one_reason_are_replayed(steward):
    bury_one()
    body = {"code": "not_a_call", "reason": "rule corrected"}
    assert steward.post("/dead-letters/replay", body).json() == {"count": 1}
    assert steward.post("/dead-letters/replay", body).json() == {"count": 0}


def test_a_rebuild_is_queued_once_and_swapped_only_when_built(steward):
    started = steward.post("/rebuilds", {"reason": "new rules"})
    assert (started.status_code, started.json()["state"]) == (202, "building")
    again = steward.post("/rebuilds", {})
    assert (again.status_code, again.json()["code"]) == (409, "rebuild_refused")
    rebuild_id = started.json()["id"]
    early = steward.post(f"/rebuilds/{rebuild_id}/swap", {})
    assert (early.status_code, early.json()["code"]) == (409, "rebuild_refused")
    assert steward.get(f"/jobs/{started.json()['job_id']}").json()["state"] == "queued"
    assert api_as("rep").get(f"/jobs/{started.json()['job_id']}").status_code == 404
    assert [one["id"] for one in steward.get("/rebuilds").json()["items"]] == [rebuild_id]
