"""What cannot be done with a study whose files were deleted after their time."""

from config.refusal import RefusalError
from node.records.study_views import StudySummary


def refuse_deleted(study: StudySummary) -> None:
    """Refuse to compute or send anything of a study without files.

    Raises
    ------
    FilesDeletedError
        When retention deleted its files.
    """
    if study.retired_at is not None:
        raise FilesDeletedError(study)


class FilesDeletedError(RefusalError):
    """The files of a study are needed that retention deleted."""

    def __init__(self, study: StudySummary) -> None:
        super().__init__(
            f"the files of study {study.study_instance_uid} were deleted on "
            f"{study.retired_at:%Y-%m-%d} (retention.delete_after_days), after its "
            "archives said that they keep them. Send it to the node again from there; "
            "it is then taken up as before."
        )
        self.study_instance_uid = study.study_instance_uid
