"""What is let out to a terminal."""

import subprocess
import sys

NOISE = """
import warnings
from bot.logs import configure_logs
configure_logs()
warnings.filterwarnings("once", category=DeprecationWarning)  # as sanic does when it is imported
warnings.warn("old", DeprecationWarning)
warnings.warn("careful", UserWarning)
print("said")
"""


def test_warnings_of_libraries_do_not_reach_the_terminal_whatever_filters_they_set():
    result = subprocess.run([sys.executable, "-c", NOISE], capture_output=True, text=True, check=True)
    assert (result.stdout, result.stderr) == ("said\n", "")
