"""The log is for operators: ids and places in the code, never what a customer is called."""

import subprocess
import sys

PROGRAM = """
import logging
from kehu.operate import logs

logs.configure("test")
try:
    phone = "13901754826"
    raise KeyError("device")
except KeyError:
    logging.getLogger("kehu").exception("page failed")
"""


def test_a_traceback_in_the_log_shows_no_values_of_variables() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert "KeyError" in told.stderr
    assert told.stderr.count("13901754826") <= 1, "at most the line of code itself"
    assert "locals" not in told.stderr
