"""The archives that are reached by DICOMweb: each tried as it will be used."""

from collections.abc import Iterator

from dicom_io.source_reference import SourceReference
from node.association.requestor import PeerRefusesError, PeerUnavailableError
from node.delivery.dicomweb import WebDestination, held_instances
from node.delivery.web_trial import why_not_stored
from node.doctor.finding import Finding, ill, well

_NOBODY_S = SourceReference("", "2.25.1", "2.25.1", "2.25.1")
"""An object that no archive has."""


def examine_web_archive(
    destination: WebDestination, *, query: bool
) -> Iterator[Finding]:
    """Yield how an archive takes what it is to be used for.

    Parameters
    ----------
    destination : WebDestination
    query : bool
        Whether it is asked by QIDO-RS what it keeps.
    """
    subject = f"destination {destination.name}"
    trouble = why_not_stored(destination)
    if trouble is not None:
        yield ill(subject, trouble.fact, trouble.remedy)
        return
    yield well(subject, f"{destination.url} takes objects by STOW-RS")
    if not query:
        return
    try:
        held_instances(destination, [_NOBODY_S])
    except (PeerUnavailableError, PeerRefusesError) as failure:
        remedy = "Have the archive allow QIDO-RS, or set destinations.confirm to no."
        yield ill(subject, str(failure), remedy)
    else:
        yield well(subject, f"{destination.url} answers QIDO-RS")
