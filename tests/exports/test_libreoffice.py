"""A workbook as another program opens it: LibreOffice, where it is installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from jobs.exports import bring_exports
from tests.exports.test_exports import HOSTILE, files, here, reported
from tests.sla.kit import JONAS, PETRA
from tests.world import World

__all__ = ["here"]  # the fixture of the company that exports
OFFICE = shutil.which("soffice")


@pytest.mark.proof
@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_opens_it_without_a_word(here: World, tmp_path: Path) -> None:
    for text in HOSTILE.values():
        reported(here, JONAS, text[:2900])
    here.slack.command(PETRA, "/tandem", "export everything month")
    assert bring_exports(here.services) == 1
    here.clock.advance(minutes=1)
    book = tmp_path / "everything.xlsx"
    book.write_bytes(files(here)[-1].content)
    home = f"-env:UserInstallation=file://{tmp_path / 'office'}"
    words = [str(OFFICE), home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(book)]
    told = subprocess.run(words, capture_output=True, text=True, timeout=110, check=True)
    assert (tmp_path / "everything.pdf").stat().st_size > 10_000
    said = [line for line in told.stderr.splitlines() if line.strip() and "javaldx" not in line]
    assert said == []
