"""A configuration together with the score models and the profile that it names.

Design choice: a faulty table does not keep the others from being looked at, so that one
run of `check-config` finds all there is to correct.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from config.checked_document import RefusedDocumentError
from config.feature_profiles import find_profile
from config.load import Draft, check_draft, read_draft
from config.mistake import ConfigError, Mistake
from config.schema import Settings
from config.score_models import find_score_model
from model.features.profile import FeatureProfile
from model.score.score_model import ScoreModel

_Find = Callable[[str, Sequence[Path]], ScoreModel | FeatureProfile]


def check_configuration(path: Path) -> Settings:
    """Return the settings of a file whose models and profile can be used as well.

    Raises
    ------
    ConfigError
        With every mistake in the file, the environment, the score models and the
        feature profile.
    """
    draft = read_draft(path)
    settings, mistakes = check_draft(draft)
    sound = settings or _sound_part(draft, mistakes)
    if sound is not None:
        mistakes = [*mistakes, *_mistakes_of_named(sound, draft)]
    if settings is None or mistakes:
        raise ConfigError(mistakes)
    return settings


def configured_model(settings: Settings) -> ScoreModel:
    """Return the score model whose score is the result.

    Raises
    ------
    ScoreModelError
        When it cannot be used; settings that were checked name one that can.
    """
    return find_score_model(settings.score.model, settings.score_model_folders)


def _sound_part(draft: Draft, mistakes: list[Mistake]) -> Settings | None:
    """Return the settings that name documents, when those are right."""
    faulty = {mistake.key.partition(".")[0] for mistake in mistakes}
    if faulty & {"node", "score"}:
        return None
    sound = {"node", "score", "features"} - faulty
    kept = {name: table for name, table in draft.document.items() if name in sound}
    return check_draft(Draft(draft.source, draft.folder, kept))[0]


def _mistakes_of_named(settings: Settings, draft: Draft) -> list[Mistake]:
    """Return what is wrong with the documents that the settings name."""
    folders = settings.score_model_folders
    models = {settings.score.model: "score.model"}
    for number, name in enumerate(settings.score.readings):
        models.setdefault(name, f"score.readings[{number}]")
    named: list[tuple[str, str, _Find]] = [
        (key, name, find_score_model) for name, key in models.items()
    ]
    if settings.features.profile:
        named.append(("features.profile", settings.features.profile, find_profile))
    mistakes = []
    for key, name, find in named:
        try:
            find(name, folders)
        except RefusedDocumentError as error:
            mistakes.append(_mistake(key, name, error, draft))
    return mistakes


def _mistake(key: str, name: str, error: RefusedDocumentError, draft: Draft) -> Mistake:
    fact = f"= {name!r} cannot be used: {'; '.join(error.mistakes)}"
    variable = draft.variables.get(tuple(key.split(".")))
    source = f"environment variable {variable}" if variable else draft.source
    return Mistake(source, key, fact, error.remedy)
