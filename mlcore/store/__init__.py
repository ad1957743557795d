"""What is kept: documents (trays, lessons), classes and their answers, uploaded tables, in one database.

    from mlcore.store import store

    tray = store().documents.create("tray", {"name": ""})
    code, key = store().classes.open_class(activity)

`mlcore.store.database` says which database that is, and what a promise to keep something means.
Everything that cannot be done is a `StoreError` with a sentence.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from sqlalchemy import URL

from mlcore.store.classes import Answer, Class, Classes
from mlcore.store.database import Database, address
from mlcore.store.documents import Document, Documents, Item
from mlcore.store.errors import StoreError
from mlcore.store.uploads import Uploads

__all__ = ["Answer", "Class", "Document", "Item", "Store", "StoreError", "store"]


class Store:
    """All that is kept in one database. Threads share it."""

    def __init__(self, url: URL, clock: Callable[[], float] = time.time) -> None:
        self.database = Database(url)
        self.documents = Documents(self.database, clock)
        self.classes = Classes(self.database, clock)
        self.uploads = Uploads(self.database, clock)


_OPEN: OrderedDict[URL, Store] = OrderedDict()  # more than one in tests only
_LOCK = threading.Lock()


def store() -> Store:
    """The store that the environment names now. Connects when it is first used."""
    url = address()
    with _LOCK:
        if url not in _OPEN:
            _OPEN[url] = Store(url)
            if len(_OPEN) > 8:
                _OPEN.popitem(last=False)[1].database.close()
        return _OPEN[url]
