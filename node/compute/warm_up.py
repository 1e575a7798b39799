"""What a worker does before its first study: a small one, thrown away.

Design choice: the first result of a process takes twice as long as the second, since
libraries build tables when they are first used. No list of what to touch would stay
true; a phantom that goes the whole way touches all of it.
"""

import gc
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from dicom_io.phantom.inveon import MODEL_NAME
from dicom_io.phantom.study import Encoder, StudyOptions, phantom_study
from model.phantom import PhantomSpec, make_phantom
from node.case.options import CaseOptions
from node.folder import read_folder
from node.readiness.matching_rules import GantryRule, MatchingRules
from node.scoring import score_folder

_AT = datetime(2000, 1, 1, tzinfo=UTC)
_SMALL = PhantomSpec(seed=0, slices=40, ct_matrix=64, ct_slices=4)


def warm_up(options: CaseOptions) -> None:
    """Score a small phantom in a folder that is removed again.

    Parameters
    ----------
    options : CaseOptions
        Of the cases to come. What holds the phantom under them does not matter here.
    """
    with tempfile.TemporaryDirectory(prefix="exhaustion-node-") as name:
        folder = Path(name)
        files = _written(folder)
        # So that the CT is drawn behind the PET, too.
        gantry = GantryRule(MODEL_NAME)
        rules = MatchingRules(co_registered=(gantry,), preferred_pet=())
        score_folder(read_folder(files, _AT), rules, options, folder / "out", _AT)
    # What is loaded by now stays; the garbage collector need not walk it in each study.
    gc.collect()
    gc.freeze()


def _written(folder: Path) -> list[Path]:
    encoder = Encoder()
    files: list[Path] = []
    for dataset in phantom_study(make_phantom(_SMALL), StudyOptions(at=_AT)):
        files.append(folder / f"{len(files)}.dcm")
        files[-1].write_bytes(encoder.encoded(dataset))
    return files
