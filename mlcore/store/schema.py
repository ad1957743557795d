"""The tables of the store. A change here needs a migration beside it; a test compares the two.

Secrets are kept as their SHA-256 alone: who reads a copy of the database can open nobody's link. They are
random and long, so nothing slower than one hash is needed. Times are seconds since 1970.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s",
    }
)  # fmt: skip
SERIAL = BigInteger().with_variant(Integer, "sqlite")  # only an INTEGER counts by itself there


def owned_by(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE")


documents = Table(
    "documents", metadata,
    Column("key", SERIAL, primary_key=True),
    Column("secret", LargeBinary(32), nullable=False, unique=True),  # of kind and id
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),  # bytes of body and items
    Column("used", Float, nullable=False),
    Column("last", Integer, nullable=False),  # number given to an item, 0 before the first
    Column("body", Text, nullable=False),  # JSON
    Index(None, "kind", "used"),
    Index(None, "kind", "size"),
)  # fmt: skip

items = Table(
    "items", metadata,
    Column("document", SERIAL, owned_by("documents.key"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1, never given twice within a document
    Column("size", BigInteger, nullable=False),
    Column("gone", Float),  # when it was removed: it can be taken back for a while
    Column("body", Text, nullable=False),  # JSON, may change
    Column("data", LargeBinary, nullable=False),  # never changes
)  # fmt: skip

classes = Table(
    "classes", metadata,
    Column("id", SERIAL, primary_key=True),
    Column("code", String(6), nullable=False, unique=True),  # what phones type
    Column("key_hash", LargeBinary(32), nullable=False),  # of the lecturer's key
    Column("activity", Text, nullable=False),  # JSON
    Column("state", Text, nullable=False),  # JSON
    Column("created", Float, nullable=False),
    Column("used", Float, nullable=False),
    Column("ends", Float, nullable=False, index=True),
)  # fmt: skip

participants = Table(
    "participants", metadata,
    Column("class_id", SERIAL, owned_by("classes.id"), primary_key=True),
    Column("participant", LargeBinary(32), primary_key=True),  # of the phone's own secret
    Column("nickname", String(40), nullable=False),
    Column("joined", Float, nullable=False),
    UniqueConstraint("class_id", "nickname"),
)  # fmt: skip

answers = Table(
    "answers", metadata,
    Column("class_id", SERIAL, owned_by("classes.id"), primary_key=True),
    Column("number", Integer, primary_key=True),  # of the question or activity
    Column("participant", LargeBinary(32), primary_key=True),
    Column("value", Text, nullable=False),  # JSON
    Column("at", Float, nullable=False),
)  # fmt: skip

uploads = Table(
    "uploads", metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the body
    Column("size", BigInteger, nullable=False),
    Column("used", Float, nullable=False, index=True),
    Column("body", LargeBinary, nullable=False),
)  # fmt: skip
