#!/usr/bin/env python3
"""Everything from an unpacked folder to a running program, with the standard library only.

    python3 bootstrap.py run [ARGS]     set up, then the window (without a display: the tour)
    python3 bootstrap.py test [ARGS]    set up, then every check and test, as continuous integration does
    python3 bootstrap.py setup          set up only

`run ARGS` hands ARGS to main.py. `test --quick` leaves out the slow tests, `test --deep` tries far
more cases and takes its time, `test --coverage` measures too; further ARGS go to pytest, which then
runs alone. Set-up means: Qt's system libraries (Debian, Ubuntu, as root), `.venv` beside this file,
and the libraries of requirements.lock by hash.
PIP_INDEX_URL and pip's other settings are honoured. Exit code 3: something that only you can give.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".fankeeper-ready"  # written last: which lock and which Python this environment is for
OURS = VENV / ".fankeeper-made"  # written first: this environment is ours to remove
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
OLDEST, TOO_NEW = (3, 11), (3, 14)
OLDEST_PIP = (22, 3)  # the first with --python
LINUX = sys.platform.startswith("linux")
MISSING = 3
SIDE_BY_SIDE = ["-n", str(max(2, min(4, os.cpu_count() or 2))), "--dist", "worksteal"]
COVERAGE = ["--cov", "--cov-report=term:skip-covered"]

# Shared library and its Debian package, found with ldd on every Qt library and plugin in use.
ALWAYS = """
    libglib-2.0.so.0 libglib2.0-0           libEGL.so.1 libegl1         libGL.so.1 libgl1
    libX11.so.6 libx11-6                    libdbus-1.so.3 libdbus-1-3
    libfontconfig.so.1 libfontconfig1       libfreetype.so.6 libfreetype6
    libxkbcommon.so.0 libxkbcommon0         libbrotlidec.so.1 libbrotli1
"""
FOR_WINDOWS = """
    libX11-xcb.so.1 libx11-xcb1             libxcb-cursor.so.0 libxcb-cursor0
    libxcb-icccm.so.4 libxcb-icccm4         libxcb-image.so.0 libxcb-image0
    libxcb-keysyms.so.1 libxcb-keysyms1     libxcb-randr.so.0 libxcb-randr0
    libxcb-render-util.so.0 libxcb-render-util0  libxcb-render.so.0 libxcb-render0
    libxcb-shape.so.0 libxcb-shape0         libxcb-shm.so.0 libxcb-shm0
    libxcb-sync.so.1 libxcb-sync1           libxcb-util.so.1 libxcb-util1
    libxcb-xfixes.so.0 libxcb-xfixes0       libxcb-xkb.so.1 libxcb-xkb1
    libxkbcommon-x11.so.0 libxkbcommon-x11-0     libwayland-client.so.0 libwayland-client0
    libwayland-cursor.so.0 libwayland-cursor0    libwayland-egl.so.1 libwayland-egl1
"""

# What pip wrote -> what to tell. The first that matches is told.
PIP_SAYS = (
    (
        "No space left on device",
        "The disk is full. About 700 MB are needed; make room, then run the same command again.",
        "磁盘满了。大约需要 700 MB 空间，清理后再运行同一条命令。",
    ),
    (
        "DO NOT MATCH THE HASHES",
        "A downloaded file is not the one this version was made with. Try again, or another package mirror"
        " (PIP_INDEX_URL); nothing of it was installed.",
        "下载到的文件与本版本登记的不一致，没有安装。请重试，或换一个软件源（PIP_INDEX_URL）。",
    ),
    (
        "NewConnectionError|NameResolutionError|name resolution|ConnectTimeout|Read timed out|ProxyError"
        "|SSLError|Connection (aborted|refused|reset)|Network is unreachable|Max retries|ReadTimeoutError"
        "|IncompleteRead|HTTP error|ConnectionError",
        "The libraries could not be downloaded: no connection to the package index. Check the network and"
        " try again. Where pypi.org is slow, name a mirror first, for example\n"
        "  export PIP_INDEX_URL=https://pypi.tuna.tsinghua.edu.cn/simple",
        "下载依赖失败：连不上软件源。请检查网络后再运行同一条命令；访问 pypi.org 慢的话先指定镜像，例如\n"
        "  export PIP_INDEX_URL=https://pypi.tuna.tsinghua.edu.cn/simple",
    ),
    (
        "No matching distribution|Could not find a version",
        "A library was not found: the package index cannot be reached or lacks it (PIP_INDEX_URL), or it"
        " has no build for this system. Needed: 64-bit Windows, macOS 13, or Linux with glibc 2.34.",
        "有依赖没找到：软件源连不上或缺货（PIP_INDEX_URL），或没有适合本系统的安装包。"
        "需要 64 位 Windows、macOS 13 以上，或 glibc 2.34 以上的 Linux。",
    ),
)


class Problem(Exception):
    """What stops the set-up, told in both languages, with what to do next."""

    def __init__(self, english: str, chinese: str) -> None:
        super().__init__(english)
        self.english, self.chinese = english, chinese


def is_chinese() -> bool:
    """Whether the person at this computer reads Chinese, as far as the system says."""
    if os.name == "nt":
        return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0xFF == 0x04)
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return next((name for name in names if name), "").lower().startswith("zh")


def say(english: str, chinese: str) -> None:
    """One line of progress."""
    print(chinese if is_chinese() else english, flush=True)


def has_display() -> bool:
    """Whether a window can be shown."""
    return not LINUX or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check_python() -> None:
    """Go on with a Python that fits: this one, or another one found on the path."""
    if OLDEST <= sys.version_info[:2] < TOO_NEW:
        return
    for name in ("python3.13", "python3.12", "python3.11"):
        if other := shutil.which(name):
            raise SystemExit(subprocess.call([other, str(Path(__file__).resolve()), *sys.argv[1:]]))
    have = platform.python_version()
    raise Problem(
        f"Python 3.11, 3.12 or 3.13 is needed; this is {have}. Install one from https://www.python.org/downloads/",
        f"需要 Python 3.11、3.12 或 3.13，现在是 {have}。请从 https://www.python.org/downloads/ 安装。",
    )


def absent(table: str) -> dict[str, str]:
    """Shared libraries of a table that this system cannot load, with their packages."""
    words, missing = table.split(), {}
    for name, package in zip(words[::2], words[1::2], strict=True):
        try:
            ctypes.CDLL(name)
        except OSError:
            missing[name] = package
    return missing


def system_libraries() -> None:
    """Have the shared libraries that Qt loads: install them as root, otherwise say the line to paste."""
    if not LINUX:
        return
    is_root = os.geteuid() == 0
    wanted = ALWAYS + FOR_WINDOWS if is_root or has_display() else ALWAYS
    if not (missing := absent(wanted)):
        return
    packages, names = list(missing.values()), " ".join(missing)
    if not shutil.which("apt-get"):
        raise Problem(
            f"Qt needs shared libraries that are missing here. Install what gives: {names}",
            f"缺少 Qt 需要的系统库，请安装提供这些文件的软件包：{names}",
        )
    if not is_root:
        line = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
        raise Problem(
            f"Qt needs system libraries. Paste this line, then try again:\n  sudo sh -c '{line}'",
            f"缺少 Qt 需要的系统库。请粘贴运行下面这一行，然后重试：\n  sudo sh -c '{line}'",
        )
    say(f"Installing {len(packages)} system libraries ...", f"正在安装 {len(packages)} 个系统库……")
    told = apt(packages)
    if still := " ".join(absent(wanted).values()):
        raise Problem(
            f"apt could not install: {still}\n{told}\nMend this, then try again.",
            f"apt 没能装上：{still}\n{told}\n处理后再运行同一条命令。",
        )


def apt(packages: list[str]) -> str:
    """Install Debian packages; also after an apt that was cut off. Returns its first complaints."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    get = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120"]
    steps = (
        ["dpkg", "--configure", "-a"],
        [*get, "update"],
        [*get, "install", "-y", "--no-install-recommends", *packages],
    )
    ran = [subprocess.run(step, env=env, capture_output=True, check=False, text=True) for step in steps]
    told = "".join(one.stderr for one in ran)
    return "\n".join(told.strip().splitlines()[:6])


def wanted_stamp() -> str:
    """What a finished environment says of itself: the lock's bytes and the exact Python."""
    python = f"{sys.version} {platform.machine()}".encode()
    return hashlib.sha256(LOCK.read_bytes() + python).hexdigest()


def is_ready() -> bool:
    """Whether the environment was finished for this lock and this Python."""
    try:
        return STAMP.read_text(encoding="ascii") == wanted_stamp() and PYTHON.exists()
    except OSError:
        return False


@contextlib.contextmanager
def one_at_a_time():
    """Keep a second set-up of the same folder waiting, where the system can."""
    if fcntl is None:
        yield
        return
    handle = os.open(ROOT, os.O_RDONLY)
    with contextlib.ExitStack() as held:
        held.callback(os.close, handle)
        with contextlib.suppress(OSError):  # a network folder may not know how
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def environment() -> None:
    """Have `.venv` with exactly the locked libraries. Cut off anywhere, the next call starts it afresh."""
    if is_ready():
        return
    with one_at_a_time():
        if not is_ready():
            fresh_folder()
            install()
            STAMP.write_text(wanted_stamp(), encoding="ascii")


def fresh_folder() -> None:
    """An environment with a Python in it. One made by someone else is filled, never removed."""
    try:
        STAMP.unlink(missing_ok=True)
        if PYTHON.exists() and not OURS.exists():
            return
        if VENV.is_symlink():
            VENV.unlink()
        elif VENV.exists():
            shutil.rmtree(VENV)
        VENV.mkdir()
        OURS.touch()
    except OSError as error:
        raise Problem(
            f"{VENV} cannot be made afresh ({error}).\n"
            "Close the program if it is running, or copy the folder to a place where you may write.",
            f"无法重建 {VENV}（{error}）。\n请先关闭正在运行的程序，或把文件夹复制到有写权限的目录。",
        ) from error
    say("Making the environment ...", "正在建立运行环境……")
    command = [sys.executable, "-m", "venv", str(VENV)]
    if importlib.util.find_spec("ensurepip") is None:  # Debian keeps it in a package of its own
        command.append("--without-pip")
    made = subprocess.run(command, capture_output=True, check=False, text=True, errors="replace")
    if made.returncode != 0:
        told = f"{made.stdout}{made.stderr}".strip()
        raise Problem(f"No environment could be made:\n{told}", f"无法建立运行环境：\n{told}")


def pip_command() -> list[str]:
    """The pip of the environment, or the system's pointed at it. Raises Problem where there is none."""
    inside = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*inside, "--version"], capture_output=True, check=False).returncode == 0:
        return inside
    outside = [sys.executable, "-m", "pip"]
    asked = subprocess.run([*outside, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"pip (\d+)\.(\d+)", asked.stdout)
    if found and (int(found[1]), int(found[2])) >= OLDEST_PIP:
        return [*outside, "--python", str(PYTHON)]
    raise Problem(
        "pip is missing (or older than 22.3). On Debian and Ubuntu:\n"
        "  sudo apt-get update && sudo apt-get install -y python3-pip",
        "缺少 pip（或版本低于 22.3）。Debian / Ubuntu 上请运行：\n"
        "  sudo apt-get update && sudo apt-get install -y python3-pip",
    )


def install() -> None:
    """Fetch and install the lock's wheels, naming each larger download. Raises Problem."""
    quiet = ["--disable-pip-version-check", "--no-input", "--no-compile", "--progress-bar=off"]
    strict = ["--require-hashes", "--only-binary=:all:"]
    command = [*pip_command(), "install", *quiet, *strict, "-r", str(LOCK)]
    env = {**os.environ, "PIP_USER": "0", "PYTHONUTF8": "1", "PIP_ROOT_USER_ACTION": "ignore"}
    say("Fetching libraries (about 120 MB, only this once) ...", "正在下载依赖（约 120 MB，仅此一次）……")
    told: list[str] = []
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(
        command, stdout=pipe, stderr=both, env=env, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told.append(line)
            if re.search(r"Downloading .*\(\d[\d.]* MB\)", line):
                print("  " + line.strip().rsplit("/", 1)[-1], flush=True)
    if process.returncode == 0:
        return
    raise pip_problem(told)


def pip_problem(told: list[str]) -> Problem:
    """Why pip failed, as far as its words tell; otherwise its last words."""
    for pattern, english, chinese in PIP_SAYS:
        if re.search(pattern, "".join(told)):
            return Problem(english, chinese)
    tail = "".join(told[-12:])
    return Problem(f"pip could not install the libraries:\n{tail}", f"pip 安装依赖失败：\n{tail}")


def set_up() -> None:
    """All that the program needs, quickly where it is there already."""
    check_python()
    system_libraries()
    environment()


def child_environment(is_test: bool) -> dict[str, str]:
    """Environment variables of what is started: UTF-8 everywhere, no window where none can be."""
    env = {**os.environ, "PYTHONUTF8": "1"}
    locale = env.get("LC_ALL") or env.get("LC_CTYPE") or env.get("LANG") or ""
    if LINUX and (is_test or "utf" not in locale.lower()):
        env.pop("LC_ALL", None)
        env["LANG"] = env["LC_CTYPE"] = "C.UTF-8"
    env |= {"PYTHONPATH": str(ROOT)} if is_test else {}
    if is_test or not has_display():
        env["QT_QPA_PLATFORM"] = "offscreen"
    return env


def run(arguments: list[str]) -> int:
    """The program: its window, the command given, or the tour where there is no display."""
    if not arguments and not has_display():
        folder = ROOT / time.strftime("tour-%Y%m%d-%H%M%S")
        say(
            f"No display here: taking the tour without a window. Its report: {folder}",
            f"没有显示器：改为无窗口演示，结果在 {folder}",
        )
        arguments = ["tour", "--out", str(folder)]
    command = [str(PYTHON), str(ROOT / "main.py"), *arguments]
    env = child_environment(is_test=False)
    if os.name != "nt":  # there, a process cannot be replaced by another
        sys.stdout.flush()
        os.execve(command[0], command, env)
    return subprocess.call(command, env=env)


def test(arguments: list[str]) -> int:
    """Every check, then pytest, whose closing line comes last unless a check failed."""
    ways = {"--quick": ["-m", "not slow"], "--deep": ["--deep"], "--coverage": COVERAGE}
    rest = [argument for argument in arguments if argument not in ways]
    contracts = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    checks = {
        "ruff check": ["-m", "ruff", "check", "--quiet", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "--quiet", "."],
        "mypy": ["-m", "mypy", "--no-error-summary"],
        "lint-imports": ["-c", contracts],
    }
    chosen = [option for way, options in ways.items() if way in arguments for option in options]
    pytest = ["-m", "pytest", *(rest or SIDE_BY_SIDE), *chosen]
    env = child_environment(is_test=True)
    failed = [name for name in checks if not rest and not passes(name, checks[name], env)]
    code = subprocess.call([str(PYTHON), *pytest], cwd=ROOT, env=env)
    if failed:
        print(f"Not passed: {', '.join(failed)}", flush=True)
    return code or int(bool(failed))


def passes(name: str, command: list[str], env: dict[str, str]) -> bool:
    """Run one check; its words are shown only when it fails."""
    started = time.monotonic()
    result = subprocess.run([str(PYTHON), *command], cwd=ROOT, env=env, capture_output=True, check=False)
    is_fine = result.returncode == 0
    print(f"{name}: {'ok' if is_fine else 'FAILED'} ({time.monotonic() - started:.1f} s)", flush=True)
    if not is_fine:
        print((result.stdout + result.stderr).decode("utf-8", "replace"), flush=True)
    return is_fine


def main(arguments: list[str]) -> int:
    """Do what the first word says. Returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    verbs = {"run": run, "test": test, "setup": lambda _rest: 0}
    if verb not in verbs:
        print(__doc__, file=sys.stderr if verb not in ("-h", "--help", "help") else sys.stdout)
        return 0 if verb in ("-h", "--help", "help") else 2
    try:
        set_up()
    except Problem as problem:
        print(f"\n{problem.english}\n\n{problem.chinese}", file=sys.stderr)
        return MISSING
    except KeyboardInterrupt:
        print("\nStopped; the next call begins this step again.", file=sys.stderr)
        return 130
    return verbs[verb](rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
