"""From received bytes to pending jobs: read headers, decide what is ready.

Design choice: both steps work off what the ledger says is still to do. A crash between
any two of them repeats a step whose repetition changes nothing.

Design choice: a defect in deciding on one study is written down as that study's, and
the others go on; the study is decided on again when something new comes.

Design choice: what is said of the animals (log, released values) is looked up when a
study is decided on, and goes into the job with it. A change has the study decided on
again; a job never looks anything up by itself.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dicom_io.limits import DEFAULT_LIMITS, ReadingLimits
from model.errors import ModelError
from node.case.commission import Commission, commission_to_json, inputs_of
from node.case.fresh_commissions import FreshCommissions
from node.case.one_animal import animal_of
from node.case.options import CaseOptions
from node.deciding.indexing import Indexing, words_of
from node.deciding.line_keeping import keep_line
from node.deciding.subjects import SubjectFinder
from node.deciding.supplying import supplies_of, supply
from node.failure import held_by
from node.fault_points import FaultPoint, Passing, pass_by
from node.identity import case_line, input_digest, job_key
from node.ledger import Ledger, LedgerUnavailableError
from node.readiness.assess import MatchingRules, assess_readiness, studies_of
from node.records.cases import Case, Held, Readiness, Ready, TouchedStudy, Waiting
from node.records.jobs import Job
from node.records.objects import Arrival, StoredInstance
from node.records.states import JobState, StudyState
from node.records.subject import SubjectRules

_log = logging.getLogger(__name__)

_BATCH = 500

NO_GENERATION = -1
"""Of no content: a decision on it leaves the study to be decided on once more."""


@dataclass(frozen=True)
class IntakeOptions:
    """How studies are decided on.

    Attributes
    ----------
    matching : MatchingRules
    settle : timedelta
        Silence after which a contour source may be matched by series or frame of
        reference instead of by instance.
    case : CaseOptions
    subjects : SubjectRules
    limits : ReadingLimits
        Of what a received object may demand.
    arrived : callable or None
        Is told of what came, study by study.
    """

    matching: MatchingRules
    settle: timedelta
    case: CaseOptions
    subjects: SubjectRules
    limits: ReadingLimits = DEFAULT_LIMITS
    arrived: Callable[[Arrival], None] | None = None


class Intake:
    """Indexes what was received and queues what is ready.

    Parameters
    ----------
    ledger : Ledger
    options : IntakeOptions
    now : callable
        The clock.
    queued : callable
        Called when a job was added.
    finder : SubjectFinder or None
        By the rules of `options`; one of its own without it.
    passing : callable
        What happens at the fault points.

    Attributes
    ----------
    fresh : FreshCommissions
        Of the jobs that were queued last.
    """

    def __init__(
        self,
        ledger: Ledger,
        options: IntakeOptions,
        now: Callable[[], datetime],
        queued: Callable[[], None],
        finder: SubjectFinder | None = None,
        passing: Passing = pass_by,
    ) -> None:
        self._finder = finder or SubjectFinder(options.subjects)
        self._ledger = ledger
        self._options = options
        self._now = now
        self._queued = queued
        self._passing = passing
        self.fresh = FreshCommissions()
        self._indexing = Indexing(ledger, now, options.limits, passing, options.arrived)

    def read_ahead(self) -> None:
        """Index what was received while more is coming; never beside a sweep."""
        self._indexing.look()

    def sweep(self) -> None:
        """Index all that was received, then decide on every study that it touched."""
        self._indexing.sweep()
        while self._decide_touched():
            pass
        for study in self._ledger.studies_to_settle(self._now() - self._options.settle):
            self._decide(study, settled=True)

    def decide(self, study_uid: str, generation: int, *, settled: bool) -> None:
        """Decide what a study waits for, and queue what is ready.

        Parameters
        ----------
        study_uid : str
        generation : int
            Content of the study that is decided on; a later change decides again.
        settled : bool
            Whether references may fall through to series and frame of reference.
        """
        reading = self._finder.log.readings
        found = self.assess(study_uid, settled=settled)
        for item in found:
            if isinstance(item, Ready):
                self.queue(item.case)
        if self._finder.log.readings != reading:
            # Who looked for what the new log changes may not have seen this yet.
            generation = NO_GENERATION
        self._record(study_uid, generation, found)
        self._passing(FaultPoint.INDEX_DECIDED)

    def assess(self, study_uid: str, *, settled: bool) -> tuple[Readiness, ...]:
        """Return what is to be said of a study, cases with their animals.

        Parameters
        ----------
        study_uid : str
        settled : bool
            As for `decide`.
        """
        instances = self._ledger.neighbourhood(study_uid)
        decided = assess_readiness(instances, self._options.matching, settled=settled)
        return tuple(
            found
            for item in decided
            if study_uid in studies_of(item)
            for found in (
                self._supplied(item.case, instances)
                if isinstance(item, Ready)
                else (item,)
            )
        )

    def queue(self, case: Case, *, again: bool = False, instead_of: str = "") -> str:
        """Queue a case, and return its key, or an empty string when nothing is new.

        Parameters
        ----------
        case : Case
        again : bool
            Whether newer software alone makes a new result; else the same inputs
            never make a second one.
        instead_of : str
            Key of a job under settings that are gone, which is set aside.
        """
        inputs = input_digest(case, self._options.case.outside())
        line = case_line(case)
        earlier = self._ledger.jobs(line)
        if not again and self._is_known(inputs, earlier):
            return ""
        contours_study = case.contours.header.study_instance_uid
        elsewhere = contours_study != case.study_instance_uid
        commission = Commission(case, inputs)
        job = Job(
            key=self._key(inputs),
            study_instance_uid=case.study_instance_uid,
            line=line,
            case_json=commission_to_json(commission),
            state=JobState.PENDING,
            created_at=self._now(),
            attempts=0,
            contours_study_instance_uid=contours_study if elsewhere else None,
            animal_id=animal_of(case),
        )
        self.fresh.keep(job.case_json, commission)
        if not self._ledger.add_job(
            job, self._now(), instead_of=instead_of, passing=self._passing
        ):
            return ""
        self._passing(FaultPoint.INDEX_QUEUED)
        self._queued()
        return job.key

    def key_of(self, case: Case) -> str:
        """Return the key of a case under these settings and this software."""
        return self._key(input_digest(case, self._options.case.outside()))

    def jobs_of(self, case: Case) -> list[Job]:
        """Return the jobs of just these inputs under these settings, oldest first.

        Newer software alone made them several.
        """
        inputs = input_digest(case, self._options.case.outside())
        jobs = self._ledger.jobs(case_line(case))
        return [job for job in jobs if inputs_of(job.case_json) == inputs]

    def _supplied(
        self, case: Case, instances: list[StoredInstance]
    ) -> tuple[Readiness, ...]:
        """Return the cases that a case is with its animals, or why there are none.

        Earlier jobs of animals that are not there any more, and of contours that are
        passed over, are set aside.
        """
        study, pet = case.study_instance_uid, case.pet[0].header
        keep_line(self._ledger, case, self._now())
        released = self._ledger.releases(study)
        try:
            found = self._finder.find(pet, released)
        except ModelError as error:
            self._ledger.set_aside_but(case_line(case), (), self._now())
            held = held_by(error, study)
            contours = case.contours.header.study_instance_uid
            return (replace(held, other_studies=(contours,)),)
        cases = supply(case, instances, found, self._finder.rules)
        lines = [case_line(each) for each in cases]
        self._ledger.set_aside_but(case_line(case), lines, self._now())
        editions = self._ledger.note_supplies(
            study, pet.series_instance_uid, supplies_of(found)
        )
        self._passing(FaultPoint.INDEX_SUPPLIED)
        return tuple(
            Ready(replace(each, edition=editions[each.animal_id])) for each in cases
        )

    def _is_known(self, inputs: str, jobs: list[Job]) -> bool:
        """Return whether inputs have, or had their chance of, a result on a line.

        Not when their job was set aside without one, and nothing later stands.
        """
        stands = [job.state is not JobState.SUPERSEDED for job in jobs]
        return any(
            inputs_of(job.case_json) == inputs
            and (any(stands[place:]) or self._ledger.has_whole_result(job.key))
            for place, job in enumerate(jobs)
        )

    def _key(self, inputs: str) -> str:
        return job_key(inputs, self._options.case.equipment.software_version)

    def _decide_touched(self) -> bool:
        touched = self._ledger.touched_studies(_BATCH)
        for study in touched:
            self._decide(study, settled=False)
        return bool(touched)

    def _decide(self, study: TouchedStudy, *, settled: bool) -> None:
        """Decide on a study; a defect in doing so is its own, not the others' end."""
        uid = study.study_instance_uid
        try:
            self.decide(uid, study.generation, settled=settled)
        except LedgerUnavailableError:
            raise
        except Exception as defect:  # noqa: BLE001 - the study's, not the node's end
            _log.exception("study %s cannot be decided on", uid)
            self._ledger.set_study_state(
                uid,
                StudyState.FAILED,
                reason="defect",
                detail=words_of(defect),
                settles=False,
                generation=study.generation,
                at=self._now(),
            )

    def _record(
        self, study_uid: str, generation: int, found: tuple[Readiness, ...]
    ) -> None:
        state, reason, detail, settles = _standing(found)
        self._ledger.set_study_state(
            study_uid,
            state,
            reason=reason,
            detail=detail,
            settles=settles,
            generation=generation,
            at=self._now(),
        )


def _standing(found: tuple[Readiness, ...]) -> tuple[StudyState, str, str, bool]:
    """Return state, reason, detail and whether silence would help, for one study."""
    waiting = [item for item in found if isinstance(item, Waiting)]
    held = [item for item in found if isinstance(item, Held)]
    settles = any(item.settles for item in waiting)
    detail = "; ".join(
        [item.detail for item in held] + [item.missing for item in waiting]
    )
    if any(isinstance(item, Ready) for item in found):
        return StudyState.QUEUED, "", detail, settles
    if held:
        return StudyState.HELD, held[0].reason, detail, settles
    return StudyState.WAITING, "", detail or "no PET and no contours yet", settles
