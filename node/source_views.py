"""What sources beside the images say of a study's animals, as commands show it."""

from datetime import datetime, tzinfo
from typing import Any

from model.administration import Administration, Assay
from node.case.commission import subjects_of
from node.records.jobs import Job
from node.records.states import JobState
from node.records.study_views import StudyDetail
from node.releases import Release

_BQ_PER_MBQ = 1e6


def animals_in_use(detail: StudyDetail) -> list[dict[str, Any]]:
    """Return the animals of the jobs that stand, and what sources say of them.

    Returns
    -------
    list of dict
        Each with `animal_id`, `bed_position`, `rois` and `sources`.
    """
    told = [
        subject
        for job in _standing(detail.jobs)
        for subject in subjects_of(job.case_json)
    ]
    # In another animal's job stands nothing of it but the name.
    told.sort(key=lambda subject: bool(subject.supplied))
    found = {subject.animal_id: subject for subject in told}
    return [
        {
            "animal_id": subject.animal_id,
            "bed_position": subject.bed_position,
            "rois": list(subject.roi_patterns),
            "sources": [_said(said) for said in subject.supplied],
        }
        for _, subject in sorted(found.items())
    ]


def release_data(release: Release) -> dict[str, Any]:
    """Return what a person released as plain data."""
    at = release.injected_at
    return {
        "at": release.at.isoformat(),
        "who": release.who,
        "animal_id": release.animal_id,
        "weight_g": release.weight_g,
        "activity_bq": release.activity_bq,
        "injected_at": None if at is None else at.isoformat(),
    }


def source_line(said: dict[str, Any], zone: tzinfo) -> str:
    """Return a line on what a source says, times in a zone."""
    parts = [
        told
        for name, told in (
            ("weight_g", f"{said['weight_g'] or 0:g} g"),
            ("activity_bq", _megabecquerels(said["activity_bq"])),
            (
                "activity_measured_at",
                f"measured at {_told(said['activity_measured_at'], zone)}",
            ),
            ("injected_at", f"injected at {_told(said['injected_at'], zone)}"),
        )
        if said[name] is not None
    ]
    return f"{said['origin']}: {', '.join(parts) or 'neither weight nor dose'}"


def _standing(jobs: tuple[Job, ...]) -> list[Job]:
    """Return the last job of each line that was not set aside."""
    stands = [job for job in jobs if job.state is not JobState.SUPERSEDED]
    return list({job.line: job for job in stands}.values())


def _said(said: Administration) -> dict[str, Any]:
    return {
        "source": str(said.source),
        "origin": said.origin,
        "weight_g": said.weight_g,
        **_assay("activity", said.activity),
        **_assay("residual", said.residual),
        "injected_at": said.injected_at and said.injected_at.isoformat(),
        "cross_calibration": said.cross_calibration,
        "context": dict(said.context),
    }


def _assay(name: str, assay: Assay | None) -> dict[str, Any]:
    at = None if assay is None else assay.measured_at
    return {
        f"{name}_bq": None if assay is None else assay.activity_bq,
        f"{name}_measured_at": None if at is None else at.isoformat(),
    }


def _told(instant: str | None, zone: tzinfo) -> str:
    if instant is None:
        return ""
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M:%S}"


def _megabecquerels(activity_bq: float | None) -> str:
    return f"{(activity_bq or 0.0) / _BQ_PER_MBQ:g} MBq"
