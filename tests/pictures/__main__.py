"""``make pictures``: the summary page of the README, into ``docs/images``.

The page is that of the default phantom as the third scan of an animal, so that the
animal's earlier time points and its irradiation are on it. Nothing on it depends on
when or where it is made, but for the software's version and, in its last bits, the
processor's arithmetic.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pydicom
from PIL import Image

from config.load import load_settings
from dicom_io.phantom.study import Encoder, StudyOptions, phantom_study
from model.phantom import PhantomSpec, make_phantom
from node.folder import read_folder
from node.options.case import case_options, matching_rules, subject_rules
from node.records.kinds import ResultKind
from node.scoring import score_folder

PICTURE = Path(__file__).resolve().parents[2] / "docs" / "images" / "summary-page.png"
AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
FIRST_SCAN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
IRRADIATED = "2026-03-02T14:00"
SCANS = (
    (0, PhantomSpec(seed=2, heterogeneity=0.15, tumour_diameter_mm=6.0)),
    (3, PhantomSpec(seed=1, heterogeneity=0.35, tumour_diameter_mm=7.0)),
    (7, PhantomSpec(seed=0)),
)
"""Days after the first scan, and what is scanned; the default phantom last."""

_CONFIGURATION = """
[results]
objects = ["sr", "summary"]

[[matching.co_registered]]
model_name = "Inveon MM Platform"

[injection_log]
path = "{log}"
"""


def main() -> None:
    """Score the scans, and write the page of the last one."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        page = _page(folder)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.save(PICTURE, optimize=True)


def _page(folder: Path) -> Image.Image:
    settings = load_settings(_configuration(folder, *_studies(folder)))
    found = score_folder(
        read_folder(sorted(folder.glob("*.dcm")), AT),
        matching_rules(settings),
        case_options(settings),
        folder / "out",
        AT,
        subjects=subject_rules(settings),
    )
    pages = [
        pydicom.dcmread(folder / "out" / written.path)
        for written in found.objects
        if written.kind is ResultKind.SUMMARY
    ]
    page = max(pages, key=lambda each: str(each.StudyDate))
    size = (page.Columns, page.Rows)
    return Image.frombytes("RGB", size, page.PixelData[: 3 * page.Rows * page.Columns])


def _studies(folder: Path) -> list[tuple[str, str]]:
    """Write the scans, and return PatientID and day of each."""
    encoder, written = Encoder(), 0
    known: dict[str, str] = {}
    for day, spec in SCANS:
        options = StudyOptions(at=FIRST_SCAN + timedelta(days=day))
        for dataset in phantom_study(make_phantom(spec), options):
            file = folder / f"{written:05}.dcm"
            file.write_bytes(encoder.encoded(dataset))
            written += 1
            if dataset.Modality == "PT":
                known[str(dataset.PatientID)] = str(dataset.StudyDate)
    return list(known.items())


def _configuration(folder: Path, *scans: tuple[str, str]) -> Path:
    log = folder / "injections.csv"
    rows = [f"M07,{patient},{day},{IRRADIATED}" for patient, day in scans]
    head = "animal,patient_id,study_date,irradiated_at"
    log.write_text("\n".join([head, *rows, ""]))
    path = folder / "node.toml"
    path.write_text(_CONFIGURATION.format(log=log))
    return path


if __name__ == "__main__":
    main()
