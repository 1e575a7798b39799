"""Which CT pictures show behind a PET.

Design choice: it is never waited for, and what is not whole is not shown. A CT of the
PET's study counts, the nearest of several by what brings it to the PET: a frame of
reference that is the PET's own; a site's rule that a gantry's PET and CT share their
coordinates; registrations. One that nothing brings there is named all the same, so that
a page can say why it is not shown.
"""

from collections.abc import Sequence

from dicom_io.header import ObjectKind
from node.readiness.bridges import Bridges, Chain
from node.readiness.matching_rules import MatchingRules
from node.readiness.stacks import Stack, shortfall
from node.records.cases import Background, Registering

_SAME, _RULED, _REGISTERED, _APART = range(4)


def background_of(
    pet: Stack,
    stacks: Sequence[Stack],
    bridges: Bridges,
    rules: MatchingRules,
    registering: Registering | None,
) -> Background | None:
    """Return the CT behind a PET, or None where its study has none that is whole.

    Parameters
    ----------
    pet : Stack
    stacks : sequence of Stack
        All image series.
    bridges : Bridges
        All registrations.
    rules : MatchingRules
    registering : Registering or None
        The CT that is registered to the PET for the contours' sake.
    """
    cts = [
        each
        for each in stacks
        if each.instances[0].header.kind is ObjectKind.CT
        and each.study_uid == pet.study_uid
        and shortfall(each, settled=True) is None
    ]
    if not cts:
        return None
    registered = () if registering is None else registering.ct
    ranked = [
        (_nearness(each, pet, bridges, rules, each.instances == registered), each)
        for each in cts
    ]
    nearness, ct = min(
        ranked,
        key=lambda found: (found[0], -len(found[1].instances), found[1].series_uid),
    )
    chain = bridges.between(ct.frame, pet.frame) if nearness == _REGISTERED else None
    chain = chain or Chain(())
    return Background(
        ct=ct.instances,
        co_registered=nearness == _RULED,
        registrations=chain.registrations,
        frames_of_images=chain.frames_of_images,
    )


def _nearness(
    ct: Stack,
    pet: Stack,
    bridges: Bridges,
    rules: MatchingRules,
    registered: bool,  # noqa: FBT001 (one of the ways, told like the others)
) -> int:
    if ct.frame is not None and ct.frame == pet.frame:
        return _SAME
    named = rules.co_registered_models
    if pet.model_name in named and ct.model_name in named:
        rule = rules.rule_for(pet.model_name)
        return _REGISTERED if registered else _APART if rule.register else _RULED
    return _REGISTERED if bridges.between(ct.frame, pet.frame) else _APART
