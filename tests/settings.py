"""Kehu's settings for the tests: a data folder of their own, gone when the run ends.

Everything else is what production runs with; tests.plugins.database points the connection at a test database.
"""

import atexit
import os
import shutil
import tempfile

if "KEHU_TESTS_DATA_DIR" not in os.environ:  # xdist's workers inherit the first process's
    folder = tempfile.mkdtemp(prefix="kehu-tests-data-")
    os.environ["KEHU_TESTS_DATA_DIR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
os.environ["KEHU_REQUIRE_SECOND_FACTOR"] = "0"  # tests of the second factor switch it on
os.environ["KEHU_DATA_DIR"] = os.environ["KEHU_TESTS_DATA_DIR"]
if "DATABASE_URL" in os.environ:  # the server to make test databases on; the application must not find it by itself
    os.environ["KEHU_TESTS_DATABASE_URL"] = os.environ.pop("DATABASE_URL")

from kehu.settings import *  # noqa: F403
