"""What the store cannot do, in sentences, and which of them an exception of a database means."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError, SQLAlchemyError

from mlcore.base.refusal import Refusal


class StoreError(Refusal):
    """Something is not kept, or not kept any more: `code` and `values` for the page."""

    SENTENCES: ClassVar[dict[str, str]] = {
        "lost": "Nothing is kept under this link (any more): what nobody uses for {days} days is deleted. "
        "Check the link, or begin anew.",
        "too_large": "This has {bytes:,} bytes; at most {limit:,} are kept at a time. Make it smaller.",
        "too_many": "There are {limit} already, the most that one link keeps. Remove one, then add again.",
        "full": "The store is full. Nothing was lost, but nothing can be added until something expires. "
        "Download what you want to keep, or ask whoever runs this server.",
        "disk": "The server has too little space on its disk to keep more. Nothing that was kept is lost. "
        "Ask whoever runs this server to make room.",
        "away": "The store does not answer at the moment. Nothing that was kept is lost. Try again in a few "
        "seconds.",
        "newer": "The store was written by a newer version of the laboratory. Update this server.",
        "folder": "The folder of the store belongs to another account or cannot be written. Set MLCORE_STORE "
        "to another folder.",
        "changed": "Somebody changed this in the meantime. Reload to see it, then change it again.",
        "no_class": "No class has the code '{given}'. A code has {length} letters and digits. Look at it "
        "again, or ask your lecturer: a class that has ended is deleted.",
        "not_yours": "This key does not open the class. Use the lecturer's own link.",
        "class_full": "The class is full: {limit} have joined.",
        "not_joined": "You have not joined this class. Open its link or type its code again.",
    }


class Missing(Exception):
    """There is no such row: each caller knows its sentence."""


def refusal_of(error: SQLAlchemyError) -> StoreError:
    """Full disks and databases that do not answer; a mistake in our own SQL is raised as it is."""
    if not isinstance(error, DBAPIError):
        return StoreError("away")  # the pool ran out of connections
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    if name in ("SQLITE_FULL", "53100"):  # disk_full
        return StoreError("disk")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return StoreError("folder")
    if name == "SQLITE_ERROR" or not isinstance(error, (OperationalError, InterfaceError, InternalError)):
        raise error
    return StoreError("away")
