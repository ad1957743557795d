"""What can be wrong with a table, and what was done to one unasked: codes, values and English sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mlcore.base.refusal import Refusal
from mlcore.files.escape import plain

PROBLEMS: dict[str, str] = {
    "too_large": "The file has {megabytes:,.1f} MB; at most {limit:g} MB are read. Upload a part of it.",
    "empty": "The file is empty. Upload a table: a line of column names, then one line for each example.",
    "workbook": "This is an archive or a spreadsheet of another kind. Save it as .xlsx or 'CSV UTF-8'.",
    "old_workbook": "This is a spreadsheet in the old format .xls. Save it as .xlsx or 'CSV UTF-8'.",
    "locked": "The workbook is protected by a password. Save it without one, or as 'CSV UTF-8'.",
    "macros": "The workbook has macros (.xlsm), which are not read. Save it as .xlsx or 'CSV UTF-8'.",
    "damaged": "The workbook is damaged or incomplete. Open it and save it again as .xlsx or 'CSV UTF-8'.",
    "unpacked": "Unpacked, the workbook has {megabytes:,.1f} MB; at most {limit} MB are read. "
    "Copy the table alone into a new workbook, or save it as 'CSV UTF-8'.",
    "heavy": "Reading the workbook took more than {mb:,} MB of memory or {seconds} s, as with a cell far "
    "from the others. Copy the table alone into a new workbook, or save it as 'CSV UTF-8'.",
    "sheet_large": "The first sheet, '{name}', has more than {limit} MB of text. Upload a part of it.",
    "sheet_empty": "The first sheet, '{name}', is empty. Move the table to the first sheet.",
    "binary": "The file is not text: byte {position:,} is a control character. "
    "Save the table as 'CSV UTF-8'.",
    "encoding": "The characters of the file are neither UTF-8 nor UTF-16, CP949 or Windows-1252. "
    "Save the table as 'CSV UTF-8'.",
    "long_line": "Line {line:,} has {length:,} characters; at most {limit:,} are read. "
    "A table has one line for each example and at most {columns} columns.",
    "unclosed_quote": "The quotation mark opened in line {line:,} is not closed before the next separator. "
    "Close it, or write a quotation mark within a cell twice.",
    "one_column": "The table has a single column; training needs a feature and a target. "
    "Separate the columns with commas, semicolons, tabs, vertical bars or spaces.",
    "too_many_columns": "The table has {columns:,} columns; at most {limit} are read. Remove some columns.",
    "header_only": "The table has column names but no rows. Add one line for each example.",
    "too_many_rows": "The table has more than {limit:,} rows. Upload a random part of it.",
    "ragged": "Line {line:,} has {cells:,} cells where the first line has {expected:,}. Correct that line; "
    "a cell with a separator in it needs quotation marks around it.",
    "unknown_column": "The table has no column named '{name}'. Choose one of its columns as the target.",
    "unknown_task": "'{task}' is no task. Choose auto, classification or regression.",
    "too_few_rows": "Only {rows} rows have a value in the target '{name}'; at least {limit} are needed. "
    "Add rows, or choose another target.",
    "text_target": "The target '{name}' is text, and regression predicts numbers. "
    "Choose classification, or a target that holds numbers.",
    "constant_target": "The target '{name}' has one value in all rows: there is nothing to predict. "
    "Choose another target.",
    "too_many_classes": "The target '{name}' has {classes:,} classes; at most {limit} are allowed. "
    "Choose another target, or regression where it holds numbers.",
    "no_features": "No column is left to predict '{name}' from: a feature holds numbers, or text with at "
    "most {limit} different values, and is not the same in all rows. Add such a column.",
}

NOTES: dict[str, str] = {
    "encoding_guessed": "The file is not UTF-8; it was read as {encoding}. Check the letters.",
    "sheet": "The table is the sheet '{name}' of a workbook, the first of {sheets}; no other is read.",
    "comments": "{count:,} lines that start with # stand before the table and were skipped, like '{cell}'.",
    "no_header": "The first line holds numbers, not names: it was read as a row, and the columns numbered.",
    "renamed": "Column {column}, '{old}', was renamed '{name}'.",
    "decimal_comma": "The commas in '{name}' were read as decimal commas: '{cell}' is {value}.",
    "thousands": "The digits in '{name}' were read as grouped by thousands: '{cell}' is {value}.",
    "percent": "The percent signs in '{name}' were dropped: '{cell}' is {value}.",
    "currency": "The currency signs in '{name}' were dropped: '{cell}' is {value}.",
    "dates": "The dates in '{name}' were read as days since 1970-01-01: '{cell}' is {value}.",
    "differently": "'{name}' was read as text: its numbers are not written alike, as '{cell}' and '{other}'. "
    "Write them alike to use it as numbers.",
    "mixed": "'{name}' was read as text: {numbers:,} cells are numbers, {others:,} are not, like '{cell}'. "
    "Correct or empty these to use it as numbers.",
    "mixed_dates": "'{name}' was read as text: {numbers:,} cells are dates, {others:,} are not, like "
    "'{cell}'. Correct or empty these to use it as days.",
    "huge": "{count:,} cells of '{name}' lie beyond ±{limit:g} and count as missing.",
    "rows_dropped": "{count:,} rows without a value in '{name}' were left out.",
    "constant": "'{name}' is the same in all rows and was left out.",
    "too_many_levels": "'{name}' was left out: it is text with {levels:,} different values, over {limit}.",
    "one_hot": "'{name}' is text and became {levels} features of 0 and 1, one for each value.",
    "row_number": "'{name}' merely counts the rows. In a sorted table it gives the answer away.",
    "filled": "{count:,} missing cells of '{name}' are filled with its median over the training rows.",
    "rare_class": "The class '{label}' has a single example: it can be learned or tested, not both.",
}


class TableError(Refusal):
    """A table that cannot be used. `code` is a key of PROBLEMS; `values` fill its sentence, user text raw."""

    SENTENCES = PROBLEMS

    def markdown(self, sentences: Mapping[str, str] = PROBLEMS) -> str:
        """The sentence, of another language's catalog if given, with user text escaped for Markdown."""
        return _markdown(sentences[self.code], self.values)


@dataclass(frozen=True)
class Note:
    """Something done to a table that its owner should know. `code` is a key of NOTES."""

    code: str
    values: dict[str, object] = field(hash=False)  # user text raw

    def __str__(self) -> str:
        return NOTES[self.code].format(**self.values)

    def markdown(self, sentences: Mapping[str, str] = NOTES) -> str:
        """As `TableError.markdown`."""
        return _markdown(sentences[self.code], self.values)


def _markdown(sentence: str, values: Mapping[str, object]) -> str:
    return sentence.format(**{k: plain(v) if isinstance(v, str) else v for k, v in values.items()})
