"""What ``study --json`` tells: everything that the ledger knows of one study."""

from typing import Any

from node.commands.studies import summary_data
from node.records.jobs import Delivery, Job
from node.records.study_views import Event, SeriesSummary, StudyDetail
from node.records.withdrawal import Withdrawal
from node.sought_display import sought_data
from node.source_views import animals_in_use, release_data


def study_data(detail: StudyDetail, documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a study as plain data.

    Parameters
    ----------
    detail : StudyDetail
    documents : list of dict
        The numbers of its jobs, from `node.data_folder.result_documents`.
    """
    return {
        **summary_data(detail.summary),
        "series": [_series(series) for series in detail.series],
        "animals": animals_in_use(detail),
        "releases": [release_data(release) for release in detail.releases],
        "sought": sought_data(detail.retrievals),
        "withdrawals": [_withdrawal(each) for each in detail.withdrawals],
        "jobs": [_job(job) for job in detail.jobs],
        "results": [found for item in documents for found in item["results"]],
        "held": [held for item in documents for held in item["held"]],
        "deliveries": [_delivery(delivery) for delivery in detail.deliveries],
        "events": [_event(event) for event in detail.events],
    }


def _series(series: SeriesSummary) -> dict[str, Any]:
    return {
        "series_instance_uid": series.series_instance_uid,
        "modality": series.modality,
        "description": series.series_description,
        "instances": series.instances,
    }


def _withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "job": withdrawal.job_key,
        "note": withdrawal.note_uid,
        "at": withdrawal.at.isoformat(),
        "by": withdrawal.who,
        "why": withdrawal.why,
    }


def _job(job: Job) -> dict[str, Any]:
    return {
        "key": job.key,
        "state": str(job.state),
        "attempts": job.attempts,
        "reason": job.reason,
        "detail": job.detail,
        "faults": job.faults,
        "released_at": job.released_at and job.released_at.isoformat(),
        "released_by": job.released_by,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    sent = delivery.object
    return {
        "destination": delivery.destination,
        "job": delivery.job_key,
        "kind": None if sent.kind is None else str(sent.kind),
        "sop_class": sent.sop_class_uid,
        "series_instance_uid": sent.series_instance_uid,
        "sop_instance_uid": sent.sop_instance_uid,
        "state": str(delivery.state),
        "attempts": delivery.attempts,
        "due_at": delivery.due_at.isoformat(),
        "status": delivery.status,
        "confirmation": delivery.confirmation,
    }


def _event(event: Event) -> dict[str, Any]:
    return {"at": event.at.isoformat(), "kind": event.kind, "text": event.text}
