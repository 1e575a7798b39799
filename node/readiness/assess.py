"""What is ready to be computed, from the content of what is stored alone.

A structure set or segmentation names what it was drawn on. It is matched by instance,
else by series, else by frame of reference and place, else by a registration, across
studies. The first of these that it names is waited for; only after silence (`settled`)
does the match fall through to the next, with a sentence in `Case.warnings`, and never
onto an incomplete stack.

Design choice: contours that were drawn on a CT are applied to the PET in the CT's frame
of reference, else to one that stored registrations join to it. Inveon gives PET and CT
of one gantry different frames of reference: that they agree nevertheless is accepted
for scanner models that the site names, and for no others.

Design choice: where several PET series fit, nothing is guessed. The site's patterns
choose, or the case is held with the list.

Design choice: of contours that revise each other (`node.readiness.revisions`) only
those that stand are a case, so that an old save is neither computed beside a newer one
nor after.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from dicom_io.header import ObjectKind
from node.readiness.background import background_of
from node.readiness.bridges import Bridges
from node.readiness.matching import MatchingRules, match_contours
from node.readiness.references import Refused, Undecided
from node.readiness.replicates import replicates_of
from node.readiness.revisions import Overtaken, lines_of
from node.readiness.stacks import Stack, shortfall, stacks_of
from node.records.cases import Case, Held, Readiness, Ready, Waiting
from node.records.lineage import Lineage
from node.records.objects import StoredInstance

__all__ = ["MatchingRules", "assess_readiness", "studies_of"]

_CONTOURS = (ObjectKind.STRUCTURE_SET, ObjectKind.SEGMENTATION)

_REMEDIES = {
    "no_pet": "Send the PET series that the contours belong to.",
    "no_roi": "Send the RTSTRUCT with the contours.",
    "incomplete_series": "Send the missing objects.",
    "frame_of_reference": "Send the images that the contours were drawn on.",
}


@dataclass(frozen=True)
class _Open:
    """Waiting, and the reason code for when nothing more can come."""

    waiting: Waiting
    reason: str


def assess_readiness(
    instances: Sequence[StoredInstance],
    rules: MatchingRules,
    *,
    settled: bool,
    final: bool = False,
) -> tuple[Readiness, ...]:
    """Return what can be computed, what is waited for, and what a person must decide.

    Parameters
    ----------
    instances : sequence of StoredInstance
        Of one study and all that it is connected with, or of a folder. Results of ours
        take no part.
    rules : MatchingRules
    settled : bool
        Whether references that nothing answers may be passed over.
    final : bool
        Whether nothing more can come: what would be Waiting is Held, in the same words.

    Returns
    -------
    tuple of Readiness
        One per structure set or segmentation, in the order of receipt, but for those in
        whose place another stands; then one per PET series of a study that no contours
        concern; when there is neither PET nor contours, one per study.
    """
    used = [each for each in instances if each.header.kind is not ObjectKind.OWN_RESULT]
    stacks = stacks_of(used)
    sources = sorted(
        (each for each in used if each.header.kind in _CONTOURS),
        key=lambda each: (each.received_at, each.header.sop_instance_uid),
    )
    bridges = Bridges(used)
    found = [_assess(each, stacks, bridges, rules, settled=settled) for each in sources]
    concerned = {study for each in found for study in _studies(each)}
    found = list(_in_lines(found, final=final))
    found += _without_contours(stacks, concerned, settled=settled)
    if not found:
        found += _without_anything(used)
    return tuple(_said(each, final=final) for each in found)


def studies_of(readiness: Readiness) -> tuple[str, ...]:
    """Return the Study Instance UIDs that a readiness is about, the main one first."""
    if isinstance(readiness, Ready):
        case = readiness.case
        uids: tuple[str, ...] = (
            case.study_instance_uid,
            case.contours.header.study_instance_uid,
        )
    else:
        uids = (readiness.study_instance_uid or "", *readiness.other_studies)
    return tuple(dict.fromkeys(filter(None, uids)))


def _assess(
    source: StoredInstance,
    stacks: Sequence[Stack],
    bridges: Bridges,
    rules: MatchingRules,
    *,
    settled: bool,
) -> Ready | Held | _Open:
    study = source.header.study_instance_uid
    try:
        match = match_contours(source, stacks, bridges, rules, settled=settled)
    except Refused as refused:
        others = _others(study, refused.studies)
        return Held(study, refused.reason, refused.detail, others)
    except Undecided as undecided:
        settles = not settled and not isinstance(
            _assess(source, stacks, bridges, rules, settled=True), _Open
        )
        others = _others(study, undecided.studies)
        waiting = Waiting(study, undecided.missing, settles, others)
        return _Open(waiting, undecided.reason)
    return Ready(
        Case(
            study_instance_uid=match.pet.study_uid,
            pet=match.pet.instances,
            contours=source,
            accept_frames_of_reference=match.accept_frames_of_reference,
            warnings=match.statements,
            registrations=match.chain.registrations,
            frames_of_images=match.chain.frames_of_images,
            registering=match.registering,
            replicates=_replicates(match.pet, stacks, rules),
            background=background_of(
                match.pet, stacks, bridges, rules, match.registering
            ),
        )
    )


def _replicates(
    pet: Stack, stacks: Sequence[Stack], rules: MatchingRules
) -> tuple[tuple[StoredInstance, ...], ...]:
    if not rules.replicates:
        return ()
    return tuple(other.instances for other in replicates_of(pet, stacks))


def _in_lines(
    found: Iterable[Ready | Held | _Open], *, final: bool
) -> Iterator[Ready | Held | _Open]:
    """Give what is to be said of contours, those apart in whose place others stand."""
    found = list(found)
    of_pet: dict[str, list[StoredInstance]] = {}
    for each in found:
        if isinstance(each, Ready):
            contours = of_pet.setdefault(_pet_series(each.case), [])
            contours.append(each.case.contours)
    places = {series: lines_of(contours) for series, contours in of_pet.items()}
    for each in found:
        if not isinstance(each, Ready):
            yield each
            continue
        uid = each.case.contours.header.sop_instance_uid
        place = places[_pet_series(each.case)][uid]
        if isinstance(place, Lineage):
            yield Ready(replace(each.case, lineage=place))
        elif not final:
            yield from _elsewhere(each.case, place)


def _elsewhere(case: Case, place: Overtaken) -> Iterator[_Open]:
    """Give what a study waits for whose contours are passed over, if nobody else does.

    The study of the PET and that of the contours that stand have the case itself.
    """
    study = case.contours.header.study_instance_uid
    stands = place.by.header
    if study not in (case.study_instance_uid, stands.study_instance_uid):
        missing = (
            f"nothing of its own: contours {case.contours.header.sop_instance_uid} "
            f"were revised by {stands.sop_instance_uid} of study "
            f"{stands.study_instance_uid}"
        )
        yield _Open(Waiting(study, missing), "no_pet")


def _pet_series(case: Case) -> str:
    return case.pet[0].header.series_instance_uid


def _without_contours(
    stacks: Iterable[Stack], concerned: set[str], *, settled: bool
) -> Iterator[_Open]:
    for stack in stacks:
        if stack.is_pet and stack.study_uid not in concerned:
            lacks = shortfall(stack, settled=settled)
            missing = "; ".join(filter(None, [lacks, "RTSTRUCT missing"]))
            reason = "incomplete_series" if lacks else "no_roi"
            yield _Open(Waiting(stack.study_uid, missing), reason)


def _without_anything(instances: Iterable[StoredInstance]) -> Iterator[_Open]:
    for study in dict.fromkeys(each.header.study_instance_uid for each in instances):
        yield _Open(Waiting(study, "PET missing; RTSTRUCT missing"), "no_pet")


def _said(found: Ready | Held | _Open, *, final: bool) -> Readiness:
    if not isinstance(found, _Open):
        return found
    waiting = found.waiting
    if not final:
        return waiting
    detail = f"{waiting.missing}. {_REMEDIES[found.reason]}"
    study = waiting.study_instance_uid
    return Held(study, found.reason, detail, waiting.other_studies)


def _studies(found: Ready | Held | _Open) -> tuple[str, ...]:
    return studies_of(found.waiting if isinstance(found, _Open) else found)


def _others(study: str, studies: Iterable[str]) -> tuple[str, ...]:
    return tuple(uid for uid in studies if uid != study)
