"""Locks between processes, also on file systems that have none of their own."""

import errno
import fcntl
import secrets
from functools import cache
from pathlib import Path

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

_LEFT_BEHIND_S = 3.0  # in which the library finds that the process that held it is gone
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)


def file_lock(path: str | Path) -> BaseFileLock:
    """A lock whose file is `path`, in a folder that exists.

    The system's own (flock), which ends with its process. Where a file system has none, as NFS and
    Lustre mounted without, the file itself is the lock: one that a killed process of this machine
    left is taken over, one that was left on another machine stays until it is deleted.
    """
    path = Path(path)
    return FileLock(path) if _has_locks(path.parent) else SoftFileLock(path)


def take_if_free(lock: BaseFileLock) -> bool:
    """Take a lock that nobody holds; False if somebody does."""
    try:
        lock.acquire(timeout=_LEFT_BEHIND_S if needs_deleting(lock) else 0)
    except Timeout:
        return False
    return True


def needs_deleting(lock: BaseFileLock) -> bool:
    """Whether a lock that a process of another machine left has to be deleted by hand."""
    return isinstance(lock, SoftFileLock)


@cache
def _has_locks(folder: Path) -> bool:
    tried = folder / f".{secrets.token_hex(4)}.locks"
    try:
        with tried.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _NO_LOCKS  # of others the lock itself tells
    finally:
        tried.unlink(missing_ok=True)
    return True
