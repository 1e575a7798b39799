"""An injection log as the people of a site write it."""

from pathlib import Path

HEADER = "animal,patient_id,study_date,weight_g"
OTHERS = "M99,m99_pet,2026-03-02,21.0"


class WrittenLog:
    """A log of another animal, and of whatever else is written.

    Parameters
    ----------
    folder : Path
        There already.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "log.csv"
        self.settings = f"[injection_log]\npath = '{self.path}'\n"
        self.write()

    def write(self, *rows: str) -> None:
        """Write the log as spreadsheets do: aside, then in its place."""
        beside = self.path.with_suffix(".tmp")
        beside.write_text("\n".join([HEADER, OTHERS, *rows]) + "\n")
        beside.replace(self.path)
