"""Settings: what can be set, where each value comes from, and in which order.

An option comes before the environment, the environment before the file, the file before the default.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from cli.failures import MISSING, USAGE, Failure

PREFIX = "LIVELIHOOD_"
#: The file with settings inside a data folder.
FILE_NAME = "livelihood.toml"

Origin = Literal["default", "environment", "file", "option"]


def default_data() -> Path:
    """The data folder under the user's own data folder (XDG base directories)."""
    base = os.environ.get("XDG_DATA_HOME", "")
    return (Path(base) if os.path.isabs(base) else Path.home() / ".local" / "share") / "livelihood"


class Settings(BaseSettings):
    """Everything that can be set. Durations are in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
    )

    data: Path = Field(default_factory=default_data)
    """The folder that holds everything: the log, the tables, imports under way."""
    tick_seconds: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    """How often an idle worker looks for new events and for deadlines that have passed."""
    follow_seconds: Annotated[float, Field(ge=0.1, le=3600)] = 1.0
    """How often --follow looks for what is new."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then the environment; `load` puts the file below them."""
        del settings_cls, dotenv_settings, file_secret_settings
        return init_settings, env_settings


class Loaded(NamedTuple):
    """The settings in force, and where each came from."""

    settings: Settings
    origins: dict[str, Origin]
    #: The file that was read, if there was one.
    file: Path | None


def load(config: Path | None = None, **options: Any) -> Loaded:
    """The settings in force; options that are None were not given.

    Without `config` (or LIVELIHOOD_CONFIG) the file is livelihood.toml in the data folder, if there is one.
    Failure says which value is wrong and where it came from.
    """
    given = {name: value for name, value in options.items() if value is not None}
    named = config or (Path(os.environ[f"{PREFIX}CONFIG"]) if os.environ.get(f"{PREFIX}CONFIG") else None)
    if named is not None and not named.is_file():
        raise Failure(f"There is no settings file {named}.", USAGE)
    environment = EnvSettingsSource(Settings)()
    data = given.get("data") or environment.get("data") or default_data()
    file = named or Path(data) / FILE_NAME
    of_file = _read(file) if file.is_file() else {}
    if named is None and "data" in of_file:
        raise Failure(
            f"{file}: `data` cannot be set inside the data folder; use --config or {PREFIX}DATA.", USAGE
        )
    try:
        settings = Settings(**{**of_file, **environment, **given})
    except ValidationError as error:
        raise _wrong(error, file, given, environment) from None
    settings = settings.model_copy(update={"data": settings.data.expanduser()})
    origins: dict[str, Origin] = {
        name: "option" if name in given else "environment" if name in environment
        else "file" if name in of_file else "default"
        for name in Settings.model_fields
    }  # fmt: skip
    return Loaded(settings, origins, file if file.is_file() else None)


def _read(file: Path) -> dict[str, Any]:
    try:
        return TomlConfigSettingsSource(Settings, file)()
    except tomllib.TOMLDecodeError as error:
        raise Failure(f"{file} is not valid TOML: {error}.", USAGE) from None
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}.", MISSING) from None


def _wrong(error: ValidationError, file: Path, given: dict[str, Any], environment: dict[str, Any]) -> Failure:
    detail = error.errors(include_url=False)[0]
    name = str(detail["loc"][0])
    if detail["type"] == "extra_forbidden":
        known = ", ".join(Settings.model_fields)
        return Failure(f"{file}: there is no setting `{name}`; there are {known}.", USAGE)
    where = (
        f"--{name}" if name in given else f"{PREFIX}{name.upper()}" if name in environment
        else f"{file}, {name}"
    )  # fmt: skip
    return Failure(f"{where}: {detail['msg']} (it is {detail['input']!r}).", USAGE)
