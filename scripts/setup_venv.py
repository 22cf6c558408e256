"""Create .venv from the hash-locked requirements/dev.txt and install Kehu into it, editable.

Runs on any Python ≥ 3.11 with the standard library alone. Nothing happens when the lock has not changed since
last time.
uv does the installing, itself installed by pip from the same lock; where uv cannot reach the package index
that pip is
set up for, pip installs everything.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / ".kehu-lock"
LOCK = ROOT / "requirements" / "dev.txt"


def main() -> int:
    """Bring .venv to the state of the lock; the exit code is a shell's."""
    if sys.version_info < (3, 11):  # noqa: UP036 (a person may start it with any Python)
        print(f"Kehu needs Python 3.11 or newer, this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    if is_current():
        return 0
    started = time.monotonic()
    print("Setting up .venv …", flush=True)
    create_venv()
    install_dependencies()
    run(
        PYTHON, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--no-build-isolation",
        "--python", PYTHON, "--editable", ROOT,
    )  # fmt: skip
    STAMP.write_text(fingerprint())
    print(f".venv is ready ({time.monotonic() - started:.0f} s).", flush=True)
    return 0


def fingerprint() -> str:
    """Changes when the lock, the project's metadata or the interpreter does, or when the checkout moved."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def is_current() -> bool:
    """True when the last set-up finished and nothing it depends on has changed."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def create_venv() -> None:
    """A venv with pip; a broken or half-made one is replaced."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", VENV]).returncode == 0:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):  # Debian splits venv off its Python
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run(["apt-get", "update", "-qq"])
        run("apt-get", "install", "-y", "-qq", "python3-venv")
        run(sys.executable, "-m", "venv", VENV)
        return
    raise SystemExit("Python's venv module is missing: install it (Debian, Ubuntu: apt-get install python3-venv).")


def install_dependencies() -> None:
    """Install exactly the lock, every file checked against its hash."""
    with tempfile.TemporaryDirectory() as folder:
        bootstrap = Path(folder) / "bootstrap.txt"
        bootstrap.write_text(locked("uv") + locked("pip"))
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", bootstrap)
    sync = [PYTHON, "-m", "uv", "pip", "sync", "--quiet", "--require-hashes", "--python", PYTHON, LOCK]
    if subprocess.run(sync, env=os.environ | pip_index(), cwd=ROOT).returncode != 0:
        print("uv could not install the lock; installing it with pip.", flush=True)
        run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", LOCK)


def locked(package: str) -> str:
    """One package's lines of the lock, hashes and all."""
    found = re.search(rf"^{package}==.*?(?=^\S|\Z)", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"{LOCK} pins no {package}: run `make lock`.")
    return found.group()


def pip_index() -> dict[str, str]:
    """The index pip is set up for (a company's or a country's mirror), told to uv as well."""
    answer = subprocess.run([PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    settings = dict(re.findall(r"^(?:global|install|user|site|:env:)\.([\w-]+)='(.*)'$", answer, re.MULTILINE))
    wanted = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
    found = {theirs: settings[ours] for ours, theirs in wanted.items() if settings.get(ours)}
    return {name: value for name, value in found.items() if name not in os.environ}


def run(*command: str | Path) -> None:
    """Run a command of the set-up, or stop with its exit code."""
    code = subprocess.run(list(command), cwd=ROOT).returncode
    if code != 0:
        raise SystemExit(f"Set-up stopped: `{' '.join(map(str, command))}` ended with {code}.")


if __name__ == "__main__":
    sys.exit(main())
