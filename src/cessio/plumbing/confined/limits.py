"""What a child gives up before it reads a file of somebody: memory, time, files, network, programs.

Bounds of the kernel's ``setrlimit`` hold everywhere. On Linux two more take away what the process
may do at all, without any privilege: Landlock leaves it the files of Python and of the program to
read, seccomp refuses the calls by which it would reach others. A kernel that lacks either goes
without it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import cessio

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_BENEATH: Final = 1
#: Every access of Landlock's first version, and reading files and folders among them.
_ALL_ACCESS, _READING = (1 << 13) - 1, (1 << 2) | (1 << 3)
_THREAD: Final = 0x00010000
_EPERM, _ENOSYS = 1, 38
_PAGE: Final = resource.getpagesize()

#: By machine: the audit number, and the numbers of the calls that are refused.
_X86_64 = {
    "clone": 56, "clone3": 435, "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
    "socket": 41, "connect": 42, "bind": 49, "listen": 50, "kill": 62, "tkill": 200,
    "tgkill": 234, "rt_sigqueueinfo": 129, "ptrace": 101, "process_vm_readv": 310,
    "process_vm_writev": 311, "pidfd_open": 434, "pidfd_send_signal": 424, "pidfd_getfd": 438,
    "io_uring_setup": 425, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250,
    "add_key": 248, "request_key": 249, "mount": 165, "unshare": 272, "setns": 308,
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "utimensat": 280, "shmget": 29, "msgget": 68,
    "semget": 64, "mq_open": 240,
}  # fmt: skip
_AARCH64 = {
    "clone": 220, "clone3": 435, "execve": 221, "execveat": 281, "socket": 198, "connect": 203,
    "bind": 200, "listen": 201, "kill": 129, "tkill": 130, "tgkill": 131, "rt_sigqueueinfo": 138,
    "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "pidfd_open": 434,
    "pidfd_send_signal": 424, "pidfd_getfd": 438, "io_uring_setup": 425, "bpf": 280,
    "perf_event_open": 241, "userfaultfd": 282, "keyctl": 219, "add_key": 217, "request_key": 218,
    "mount": 40, "unshare": 97, "setns": 268, "fchmod": 52, "fchmodat": 53, "utimensat": 88,
    "shmget": 194, "msgget": 186, "semget": 190, "mq_open": 180,
}  # fmt: skip
_MACHINES: Final = {"x86_64": (0xC000003E, _X86_64), "aarch64": (0xC00000B7, _AARCH64)}


def confine(*, memory: int, seconds: int) -> None:
    """Bind this process for good: about ``memory`` bytes and ``seconds`` of processor.

    The kernel bounds addresses and not what is in memory, and sound libraries reserve far more
    than they use: twice the memory is the last stop here, ``resident`` the measure by which the
    server ends a child.
    """
    _bound(resource.RLIMIT_CORE, 0)
    _bound(resource.RLIMIT_FSIZE, 0)
    _bound(resource.RLIMIT_NOFILE, 32)
    _bound(resource.RLIMIT_CPU, seconds)
    _bound(resource.RLIMIT_AS, _reserved() + 2 * memory)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _see_no_files(libc)
        _call_nobody(libc)


def _bound(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    held = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (held, held))


def resident(pid: int) -> int:
    """Bytes a process has in memory; none of one that is gone or where this cannot be seen."""
    return _statm(pid)[1]


def _reserved() -> int:
    return _statm(os.getpid())[0]


def _statm(pid: int) -> tuple[int, int]:
    try:
        told = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
    except OSError:
        return 0, 0
    return int(told[0]) * _PAGE, int(told[1]) * _PAGE


def _see_no_files(libc: ctypes.CDLL) -> None:
    """Landlock: nothing but code can be opened, and nothing written."""
    wanted = ctypes.create_string_buffer(struct.pack("=Q", _ALL_ACCESS), 8)
    ruleset = libc.syscall(_CREATE_RULESET, wanted, 8, 0)
    if ruleset < 0:
        return
    for folder in _folders_of_code():
        try:
            opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        rule = ctypes.create_string_buffer(struct.pack("=Qi", _READING, opened), 12)
        libc.syscall(_ADD_RULE, ruleset, _BENEATH, rule, 0)
        os.close(opened)
    libc.syscall(_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def _folders_of_code() -> Iterator[str]:
    yield str(Path(cessio.__file__).parent)
    yield from {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    yield "/usr/share/zoneinfo"


def _call_nobody(libc: ctypes.CDLL) -> None:
    """seccomp: no socket, no program, no process, no signal; anything else goes on."""
    known = _MACHINES.get(platform.machine())
    if known is None:
        return
    code = _program(*known)
    filled = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("=H6xQ", len(code) // 8, ctypes.addressof(filled))
    libc.prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(program, len(program)), 0, 0)


def _program(machine: int, calls: dict[str, int]) -> bytes:
    """The filter in BPF: by number of call; a new thread passes, a new process does not."""
    load, equal, above, bits, end = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse = 0x7FFF0000, 0x00050000 | _EPERM
    refused = [number for name, number in calls.items() if name not in ("clone", "clone3")]
    # What follows the list: allow, thread?, allow, refuse, not there, by their distance.
    lines = [
        (load, 0, 0, 4), (equal, 1, 0, machine), (end, 0, 0, refuse),
        (load, 0, 0, 0), (above, 0, 1, 0x40000000), (end, 0, 0, refuse),
    ]  # fmt: skip
    for place, number in enumerate(refused):
        after = len(refused) - place - 1
        lines.append((equal, after + 6, 0, number))
    lines += [
        (equal, 6, 0, calls["clone3"]),
        (equal, 1, 0, calls["clone"]),
        (end, 0, 0, allow),
        (load, 0, 0, 16), (bits, 0, 1, _THREAD), (end, 0, 0, allow),
        (end, 0, 0, refuse),
        (end, 0, 0, 0x00050000 | _ENOSYS),
    ]  # fmt: skip
    return b"".join(struct.pack("=HBBI", *line) for line in lines)
