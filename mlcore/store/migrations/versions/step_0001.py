"""The first tables: documents and their items, classes and their answers, uploads."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "classes",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("ends", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classes"),
        sa.UniqueConstraint("code", name="uq_classes_code"),
    )
    op.create_index("ix_classes_ends", "classes", ["ends"], unique=False)
    op.create_table(
        "documents",
        sa.Column("key", SERIAL, nullable=False),
        sa.Column("secret", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_documents"),
        sa.UniqueConstraint("secret", name="uq_documents_secret"),
    )
    op.create_index("ix_documents_kind_size", "documents", ["kind", "size"], unique=False)
    op.create_index("ix_documents_kind_used", "documents", ["kind", "used"], unique=False)
    op.create_table(
        "uploads",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.Float(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_uploads"),
    )
    op.create_index("ix_uploads_used", "uploads", ["used"], unique=False)
    op.create_table(
        "answers",
        sa.Column("class_id", SERIAL, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("participant", sa.LargeBinary(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_answers_class_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("class_id", "number", "participant", name="pk_answers"),
    )
    op.create_table(
        "items",
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Float(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"], ["documents.key"], name="fk_items_document", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document", "number", name="pk_items"),
    )
    op.create_table(
        "participants",
        sa.Column("class_id", SERIAL, nullable=False),
        sa.Column("participant", sa.LargeBinary(length=32), nullable=False),
        sa.Column("nickname", sa.String(length=40), nullable=False),
        sa.Column("joined", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["classes.id"], name="fk_participants_class_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("class_id", "participant", name="pk_participants"),
        sa.UniqueConstraint("class_id", "nickname", name="uq_participants_class_id_nickname"),
    )
