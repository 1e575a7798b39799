"""A configuration together with the score models that it names.

Design choice: a faulty table does not keep the others from being looked at, so that one
run of `check-config` finds all there is to correct.
"""

from pathlib import Path

from config.load import Draft, check_draft, read_draft
from config.mistake import ConfigError, Mistake
from config.schema import Settings
from config.score_models import ScoreModelError, find_score_model


def check_configuration(path: Path) -> Settings:
    """Return the settings of a file whose score models can be used as well.

    Raises
    ------
    ConfigError
        With every mistake in the file, the environment and the score models.
    """
    draft = read_draft(path)
    settings, mistakes = check_draft(draft)
    sound = settings or _sound_part(draft, mistakes)
    if sound is not None:
        mistakes = [*mistakes, *_score_model_mistakes(sound, draft)]
    if settings is None or mistakes:
        raise ConfigError(mistakes)
    return settings


def _sound_part(draft: Draft, mistakes: list[Mistake]) -> Settings | None:
    """Return the settings that score models depend on, when those are right."""
    needed = ("node", "score")
    faulty = {mistake.key.partition(".")[0] for mistake in mistakes}
    if faulty & set(needed):
        return None
    kept = {name: draft.document[name] for name in needed if name in draft.document}
    return check_draft(Draft(draft.source, draft.folder, kept))[0]


def _score_model_mistakes(settings: Settings, draft: Draft) -> list[Mistake]:
    named = {settings.score.model: "score.model"}
    for number, name in enumerate(settings.score.readings):
        named.setdefault(name, f"score.readings[{number}]")
    mistakes = []
    for name, key in named.items():
        try:
            find_score_model(name, settings.score_model_folders)
        except ScoreModelError as error:
            fact = f"= {name!r} cannot be used: {'; '.join(error.mistakes)}"
            variable = draft.variables.get(tuple(key.split(".")))
            source = f"environment variable {variable}" if variable else draft.source
            mistakes.append(Mistake(source, key, fact, error.remedy))
    return mistakes
