"""Runs a program out of an image's files, on a host: as its user, with the host's processes, devices and own files.

    python -I in_image.py ROOT USER_ID FOLDER PROGRAM...

It is run inside the host, by the path of its file, and needs nothing but Python. ROOT, where the image is mounted, is
read only; /tmp, shared memory, /var/lib/loanstream and the names it knows are the host's. What TABLES names is found at
/tables.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWNS = 0x00020000
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_OF_THE_HOST = ("/proc", "/sys", "/dev", "/dev/shm", "/tmp", "/var/lib/loanstream")  # noqa: S108 - the host's own
_FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname")


def main(arguments: list[str]) -> None:
    """Become the program."""
    root, user, folder, *program = arguments
    _libc_call("unshare", ctypes.c_int(_CLONE_NEWNS))
    _mount(None, "/", _MS_REC | _MS_PRIVATE)
    _mount(root, root, _MS_BIND)
    _mount(None, root, _MS_REMOUNT | _MS_BIND | _MS_RDONLY)
    for path in (*_OF_THE_HOST, *_FILES):
        if Path(root + path).exists() and Path(path).exists():
            _mount(path, root + path, _MS_BIND | (_MS_REC if Path(path).is_dir() else 0))
    if tables := os.environ.get("TABLES"):
        _mount(tables, f"{root}/tables", _MS_BIND)
        os.environ["TABLES"] = "/tables"
    os.chroot(root)
    os.chdir(folder)
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
    os.execvpe(program[0], program, os.environ)  # noqa: S606 - to become it is the point


def _mount(source: str | None, target: str, flags: int) -> None:
    names = [text.encode() if text is not None else None for text in (source, target)]
    _libc_call("mount", *names, None, ctypes.c_ulong(flags), None, about=target)


def _libc_call(name: str, *arguments: object, about: str = "") -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name} {about}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])
