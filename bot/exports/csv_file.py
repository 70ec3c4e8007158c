"""The same rows as CSV: UTF-8 with its mark, so that Excel reads it; nothing in it becomes a formula."""

import csv
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.exports.sheets import Asked, Sheet, Value
from bot.exports.workbook import DANGEROUS, as_text


def write(session: Session, path: Path, sheet: Sheet, asked: Asked) -> int:
    """Write one sheet; how many rows."""
    zone, rows = ZoneInfo(asked.zone), 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.name for column in sheet.columns])
        for row in sheet.rows(session, asked):
            writer.writerow([_cell(value, zone) for value in row])
            rows += 1
    return rows


def _cell(value: Value, zone: ZoneInfo) -> object:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if not isinstance(value, str):
        return value
    text = as_text(value)
    return f"'{text}" if text.startswith(DANGEROUS) and not text.startswith("#") else text
