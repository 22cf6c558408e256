"""One stylesheet out of a file per component, in the order of the layers."""

import gzip
import os
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from kehu.web.stylesheet import LISTING, BrokenListing, bundle, parts_of, write_bundle

LAYERS = "@layer base, pages;\n"


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.css").write_text(f".{name} {{ color: red; }}\n")
    listing = tmp_path / "app.css"
    imports = [
        f'@import url("{n}.css") layer({layer});\n' for n, layer in (("a", "base"), ("b", "base"), ("c", "pages"))
    ]
    listing.write_text("/* the order\n is the policy */\n" + LAYERS + "".join(imports))
    return listing


def test_every_part_stands_once_in_its_layer_and_in_order(listing: Path) -> None:
    a, b, c = (f".{name} {{ color: red; }}\n" for name in "abc")
    assert bundle(listing) == f"{LAYERS}@layer base {{\n{a}{b}}}\n@layer pages {{\n{c}}}\n"


def test_a_line_that_is_no_import_is_refused_by_name(listing: Path) -> None:
    listing.write_text(listing.read_text() + ".lost { color: blue; }\n")
    with pytest.raises(BrokenListing, match="lost"):
        bundle(listing)


def test_the_bundle_is_written_again_when_a_part_is_newer_and_only_then(listing: Path, tmp_path: Path) -> None:
    target = write_bundle(tmp_path / "out", listing)
    assert gzip.decompress(target.with_suffix(".css.gz").read_bytes()) == target.read_bytes()
    target.write_text("left alone")
    after = target.stat().st_mtime
    os.utime(tmp_path / "a.css", (after - 60, after - 60))
    for part in tmp_path.glob("*.css"):
        os.utime(part, (after - 60, after - 60))
    assert write_bundle(tmp_path / "out", listing).read_text() == "left alone"
    os.utime(tmp_path / "b.css", (after + 60, after + 60))
    assert ".b" in write_bundle(tmp_path / "out", listing).read_text()


def test_no_file_beside_the_listing_is_forgotten_and_none_needs_its_own_place() -> None:
    listed = {file for _, file in parts_of(LISTING)}
    assert {file for file in LISTING.parent.glob("*.css") if file != LISTING} <= listed
    text = bundle(LISTING)
    assert "@import" not in text
    assert "@charset" not in text
    assert 'url("..' not in text


def test_pages_ask_for_the_one_stylesheet_and_it_is_found() -> None:
    page = render_to_string("web/sign_in_base.html", {})
    assert page.count('rel="stylesheet"') == 1
    assert "/static/web/app.css" in page
    found = finders.find("web/app.css")
    assert found is not None
    assert Path(found).read_text().startswith("@layer vendor")
