"""Teamwork by the API: the same services, under the token's rights, and nothing twice for one key."""

import pytest

from kehu.govern.models import Department
from kehu.teamwork.kinds import NotificationKind
from kehu.teamwork.models import Comment, Follow
from tests.api.conftest import api_as
from tests.cast import make_customer, make_department, make_user


@pytest.fixture
def east(db: None) -> Department:
    return make_department("East")


def test_a_comment_goes_round(east: Department) -> None:
    author, reader = make_user("rep", east, name="安娜"), make_user("rep", east, name="Ben")
    mine, theirs, customer = api_as("", user=author), api_as("", user=reader), make_customer(department_id=east.pk)
    said = {"text": "@Ben 看一下"}
    first = mine.post(f"/customers/{customer}/comments", said, Idempotency_Key="k")
    again = mine.post(f"/customers/{customer}/comments", said, Idempotency_Key="k")
    assert (first.status_code, first.json()) == (201, again.json())
    assert Comment.objects.count() == 1
    [found] = theirs.get(f"/customers/{customer}/comments").json()["items"]
    assert (found["text"], found["mentions"], found["author"]) == ("@Ben 看一下", [reader.pk], "安娜")
    [told] = theirs.get("/notifications?unread=true").json()["items"]
    assert (told["kind"], told["customer_id"], told["comment_id"]) == ("mention", str(customer), found["id"])
    assert theirs.post("/notifications/read", {"up_to": told["id"]}).json() == {"count": 1}
    refused = theirs.patch(f"/comments/{found['id']}", {"text": "x", "version": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_comment")
    assert mine.patch(f"/comments/{found['id']}", {"text": "好", "version": 1}).status_code == 200
    assert mine.patch(f"/comments/{found['id']}", {"text": "晚", "version": 1}).status_code == 409
    assert mine.call("DELETE", f"/comments/{found['id']}").status_code == 200
    assert theirs.get("/notifications").json()["items"] == []


def test_following_and_what_one_wants_to_be_told(east: Department) -> None:
    user = make_user("rep", east)
    api, customer = api_as("", user=user), make_customer("张伟", department_id=east.pk)
    for _ in range(2):
        assert api.call("PUT", f"/customers/{customer}/follow").status_code == 200
    assert [one["user_id"] for one in api.get(f"/customers/{customer}/followers").json()["items"]] == [user.pk]
    assert [one["name"] for one in api.get("/my/followed-customers").json()["items"]] == ["张伟"]
    assert api.call("DELETE", f"/customers/{customer}/follow").status_code == 200
    assert not Follow.objects.exists()
    assert api.get("/notifications/settings").json() == {"kinds": [kind.value for kind in NotificationKind]}
    assert api.call("PUT", "/notifications/settings", {"kinds": ["job"]}).json() == {"kinds": ["job"]}
    assert api.call("PUT", "/notifications/settings", {"kinds": ["gossip"]}).status_code == 422
