"""What a PET's header says, for people who overrule it."""

from datetime import UTC, datetime

from dicom_io.pet.stated import stated_in
from model.administration import Assay
from tests.support.pet import pet_datasets


def test_weight_dose_and_instant_are_told_as_they_stand() -> None:
    [header] = pet_datasets(slices=1)

    said = stated_in(header, UTC)

    assert said.weight_g == 22.0
    assert said.activity == Assay(5.55e6)
    assert said.injected_at == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_what_is_absent_or_unreadable_is_not_said() -> None:
    [header] = pet_datasets(
        slices=1, PatientWeight="", RadiopharmaceuticalInformationSequence=None
    )

    said = stated_in(header, UTC)

    assert (said.weight_g, said.activity, said.injected_at) == (None, None, None)
