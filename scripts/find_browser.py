"""Make sure the end-to-end tests have a Chromium and a font for Chinese; install them where this machine lets us.

As root on Debian or Ubuntu what is missing is installed by apt-get. Otherwise an installed Chrome or Chromium is used,
and without one the tests marked e2e are skipped with a reason that cannot be overlooked.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_CHROME = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def browser() -> str | None:
    """The browser to drive: KEHU_CHROMIUM, else one on the PATH."""
    named = os.environ.get("KEHU_CHROMIUM")
    if named:
        return named
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    return found or (str(MAC_CHROME) if MAC_CHROME.exists() else None)


def has_chinese_font() -> bool:
    """True when fontconfig knows a font with Chinese characters."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True).stdout.strip())


def main() -> int:
    """Install what is missing if we may; never fails: the tests themselves say what they lack."""
    missing = [] if browser() else ["chromium"]
    if not has_chinese_font():
        missing.append("fonts-noto-cjk")
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing {' and '.join(missing)} …", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing, "fontconfig"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    if browser() is None:
        print("!! No Chromium or Chrome: the end-to-end tests are SKIPPED. Install one, or set KEHU_CHROMIUM.")
    elif not has_chinese_font():
        print("!! No Chinese font: pages show boxes in pictures. Install fonts-noto-cjk.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
