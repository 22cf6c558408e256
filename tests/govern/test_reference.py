"""The reference pages say what the code says."""

from pathlib import Path

from scripts.write_access_reference import api_page, permissions_page

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"


def test_the_api_page_is_up_to_date():
    assert (REFERENCE / "api.md").read_text() == api_page(), "run `make reference`"


def test_the_permissions_page_is_up_to_date():
    assert (REFERENCE / "permissions.md").read_text() == permissions_page(), "run `make reference`"
