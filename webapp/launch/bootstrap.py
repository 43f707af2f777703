"""Makes the virtual environment and hands over to a command inside it.

Run by ``make`` with whatever Python the machine has, before anything is installed: standard library only, and a
syntax that an old Python can read far enough to say that it is too old.

    python3 webapp/launch/bootstrap.py run COMMAND...    with what the product needs
    python3 webapp/launch/bootstrap.py test COMMAND...   with what tests and checks need on top

A stamp with the digest of the lock file skips the work; a changed lock file makes the environment anew.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

CHECKOUT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ENVIRONMENT = os.path.join(CHECKOUT, ".venv")
PYTHON = os.path.join(ENVIRONMENT, "bin", "python")
LOCKS = {"run": "requirements.lock", "test": "requirements-test.lock"}
OLDEST = (3, 11)


class Refused(Exception):
    """Why the environment can't be made, in one line."""


def say(message):
    """Tell what is being done, at once."""
    print("salesflow: " + message, flush=True)


def main(arguments):
    """Make the environment where needed and become the command."""
    try:
        if sys.version_info < OLDEST:
            raise Refused("Python 3.11 or newer is needed; this is %d.%d." % sys.version_info[:2])
        if len(arguments) < 2 or arguments[0] not in LOCKS:  # noqa: PLR2004
            raise Refused("usage: bootstrap.py run|test COMMAND...")
        with only_one_at_a_time():
            ensure_environment(arguments[0])
    except Refused as refused:
        sys.stderr.write("salesflow: %s\n" % refused)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as problem:
        sys.stderr.write("salesflow: the Python environment could not be made: %s\n" % problem)
        return 1
    command = os.path.join(ENVIRONMENT, "bin", arguments[1])
    os.chdir(CHECKOUT)
    os.execv(command, [command] + arguments[2:])


def ensure_environment(kind):
    """Install what the lock file of this kind names, unless it is installed."""
    digests = {each: digest_of(lock) for each, lock in LOCKS.items()}
    if stamp("run") != digests["run"] and stamp("test") != digests["test"]:
        make_environment()
        install(kind, digests)
    elif kind == "test" and stamp("test") != digests["test"]:
        install(kind, digests)


def make_environment():
    """An empty virtual environment in place of whatever is there."""
    say("Making the Python environment in .venv")
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    try:
        run([sys.executable, "-m", "venv", ENVIRONMENT])
    except Refused as refused:
        if "ensurepip" in str(refused):
            raise Refused("this Python can't make environments: install its venv package (python3-venv).") from None
        raise


def install(kind, digests):
    """Install the pinned packages and, beside them, this checkout."""
    began = time.monotonic()
    say("Installing the pinned Python packages (%s)" % LOCKS[kind])
    # Python compiles what it imports by itself, which is a small part of what is installed.
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile"]
    run(pip + ["--require-hashes", "-r", os.path.join(CHECKOUT, LOCKS[kind])])
    run(pip + ["--no-build-isolation", "-e", CHECKOUT])
    for each in ("run", "test") if kind == "test" else ("run",):
        with open(os.path.join(ENVIRONMENT, "salesflow-" + each), "w") as file:
            file.write(digests[each])
    say("Installed in %.0f s" % (time.monotonic() - began))


def run(command):
    """Run a command; its last complaint is ours."""
    environ = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ, check=False
    )
    if done.returncode != 0:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR") or "ensurepip" in line]
        raise Refused("%s failed: %s" % (" ".join(command[1:4]), (errors or lines or ["it said nothing"])[-1]))


def stamp(kind):
    """The digest of the lock file that the environment was made from."""
    if not os.access(PYTHON, os.X_OK):
        return None
    try:
        with open(os.path.join(ENVIRONMENT, "salesflow-" + kind)) as file:
            return file.read()
    except OSError:
        return None


def digest_of(name):
    """The digest of a lock file, of the Python that it is installed for, and of where: environments do not move."""
    with open(os.path.join(CHECKOUT, name), "rb") as file:
        content = file.read()
    place = "%d.%d %s" % (sys.version_info[0], sys.version_info[1], CHECKOUT)
    with open(os.path.join(CHECKOUT, "pyproject.toml"), "rb") as file:
        scripts = file.read().partition(b"[project.scripts]")[2].partition(b"\n[")[0]
    return hashlib.sha256(content + scripts + place.encode()).hexdigest()


class only_one_at_a_time:
    """Let a second ``make`` wait for the first one's environment instead of tearing it down."""

    def __enter__(self):
        import fcntl  # noqa: PLC0415  not there on every system that could print a message about itself

        self.handle = os.open(CHECKOUT, os.O_RDONLY)
        fcntl.flock(self.handle, fcntl.LOCK_EX)

    def __exit__(self, *_):
        os.close(self.handle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
