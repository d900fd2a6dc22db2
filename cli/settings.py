"""Settings: what can be set, where each value comes from, and in which order.

An option comes before the environment, the environment before the file, the file before the default.
"""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from cli.addresses import Address
from cli.failures import MISSING, USAGE, Failure
from consumers.public.saying import PATTERN
from livelihood.complaints import complaint
from livelihood.fields import LanguageCode

PREFIX = "LIVELIHOOD_"
#: The setting that is a table.
OPTIONS = "kafka_options"
#: Those that are, each as it is written in a variable.
_TABLES = {
    OPTIONS: '{"security.protocol": "SASL_SSL", "sasl.username": "worker"}',
    "wechat": '{"service": "question"}',
    "oidc": '{"roles": {"town-hall": "viewer"}}',
}
#: The file with settings inside a data folder.
FILE_NAME = "livelihood.toml"

#: What Open311 may publish of a request.
_SHOWN = "(location|media|description|address|updates)"

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
    kafka: str = ""
    """Kafka's bootstrap servers, host:port with commas between; empty: the embedded engine."""
    redis: Annotated[str, Field(pattern=r"^((rediss?|unix)://.+)?$")] = ""
    """The URL of Redis or Valkey: redis://, rediss:// or unix://, with user and password where needed."""
    topics: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}$")] = "livelihood"
    """What the names of Kafka's topics, and of the keys in Redis, begin with."""
    kafka_options: dict[str, str | int | float | bool] = {}
    """Further options of librdkafka, for all its clients: security.protocol, sasl.username, ..."""
    redis_checks: bool = True
    """Whether a Redis that may lose or evict what it holds is refused."""
    partitions: Annotated[int, Field(ge=1, le=10_000)] = 4
    """How many partitions new topics get: as many workers can share the work."""
    replication: Annotated[int, Field(ge=1, le=9)] = 1
    """On how many brokers new topics are kept."""
    min_insync: Annotated[int, Field(ge=1, le=9)] = 1
    """How many of these must have a record before it is acknowledged."""
    cache_megabytes: Annotated[int, Field(ge=0)] = 256
    """How much of the states that are often touched a worker keeps in memory."""
    webhook_networks: str = ""
    """Private networks that webhooks may reach, as 10.1.0.0/16, with commas between; empty: none."""
    webhook_http: bool = False
    """Whether webhooks may go without encryption, by http."""
    smtp_url: str = ""
    """The server that takes letters: smtp:// or smtps://user:password@mail.town.example:587; empty: none."""
    mail_sender: str = ""
    """Who letters are from, as Hotline <alerts@town.example>."""
    operator: Annotated[str, Field(pattern=r"^((https?|[a-z]+)://\S+|mailto:\S+)?$")] = ""
    """Where alerts go that nobody else hears of: https://, mailto: or a chat; empty: the server's log."""
    vault: str = ""
    """Where keys and accounts are: a folder, or the URL of a Redis or Valkey other than that of `redis`."""
    master_key: str = ""
    """What wraps the keys of people: a secret; the ones before it after it, with spaces between."""
    master_key_file: Path | None = None
    """The file that holds it instead."""
    address: Address = "127.0.0.1:8080"
    """Where `livelihood serve` listens, host:port; port 0: any that is free."""
    public_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = ""
    """What links to it begin with, as people outside reach it; empty: its own address."""
    wechat_appid: str = ""
    """The AppID of a WeChat public account; empty: there is none."""
    wechat_token: str = ""
    """What WeChat signs its callbacks with."""
    wechat_aes_key: str = ""
    """What it encrypts messages with; empty: they come in clear."""
    wechat_secret: str = ""
    """The AppSecret, for telling people of changes; empty: they are told only what they ask."""
    wechat: dict[str, Any] = {}
    """The rest of what docs/wechat.md names: service, keywords, language, ..."""
    oidc_issuer: str = ""
    """The issuer of an OpenID Connect provider that signs people in; empty: there is none."""
    oidc_client: str = ""
    """The client id this server has there."""
    oidc_secret: str = ""
    """Its secret; empty: it has none, as a public client."""
    oidc: dict[str, Any] = {}
    """The rest of what docs/sign-in.md names: roles, departments, title, ..."""
    access_log: bool = False
    """Whether `livelihood serve` writes a line for each request: its route, status and time only."""
    open311_public: Annotated[str, Field(pattern=rf"^({_SHOWN}(, *{_SHOWN})*)?$")] = "location"
    """What everybody may read of a request: location, media, description, address, updates, with commas."""
    open311_jurisdiction: str = ""
    """The jurisdiction_id served, as springfield.example; empty: whatever is sent is ignored."""
    open311_language: LanguageCode = "en"
    """The language of an app that asks for none."""
    open311_contact: str = ""
    """For developers of apps: whom to ask, and for a key."""
    public: Annotated[str, Field(pattern=PATTERN)] = ""
    """What anybody may see without an account: "streets by area, water" or "all by area"; empty: nothing."""
    public_fewest: Annotated[int, Field(ge=1, le=1000)] = 5
    """Counts below this are not shown there; 1: all are."""
    public_embed: Annotated[str, Field(pattern=r"^(https?://[\w.:*-]+( https?://[\w.:*-]+)*)?$")] = ""
    """Sites whose pages may show such a table, as https://paper.example, with spaces between."""
    web_bind: str = "127.0.0.1"
    """The address at which a worker's pages are served: /healthz, /readyz and /metrics."""
    web_port: Annotated[int, Field(ge=0, le=65535)] = 6066
    """Their port; 0: none are served."""

    @field_validator("kafka_options", mode="before")
    @classmethod
    def _flat(cls, options: Any) -> Any:
        """TOML reads `security.protocol = "SSL"` as a table in a table."""
        return dict(_flattened("", options)) if isinstance(options, dict) else options

    @property
    def distributed(self) -> bool:
        """Whether the engine is the one on Kafka and Redis."""
        return bool(self.kafka)

    @property
    def place(self) -> str:
        """Where everything is, as people call it."""
        return f"Kafka at {self.kafka}, topics {self.topics}" if self.distributed else str(self.data)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What `load` has found: it asks the other sources itself."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


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
    environment = _environment()
    data = given.get("data") or environment.get("data") or default_data()
    file = named or Path(data) / FILE_NAME
    of_file = _read(file) if file.is_file() else {}
    if named is None and "data" in of_file:
        raise Failure(
            f"{file}: `data` cannot be set inside the data folder; use --config or {PREFIX}DATA.", USAGE
        )
    found = {**of_file, **environment, **given}
    if isinstance(of_file.get(OPTIONS), dict) and isinstance(environment.get(OPTIONS), dict):
        # One by one, so that the file may hold all but what is secret.
        found[OPTIONS] = {**dict(_flattened("", of_file[OPTIONS])), **environment[OPTIONS]}
    try:
        settings = Settings(**found)
    except ValidationError as error:
        raise _wrong(error, file, given, environment) from None
    if bool(settings.kafka) != bool(settings.redis):
        there, missing = ("kafka", "redis") if settings.kafka else ("redis", "kafka")
        raise Failure(
            f"`{there}` is set and `{missing}` is not: the distributed engine needs both"
            f" ({PREFIX}{missing.upper()}), the embedded one neither.",
            USAGE,
        )
    settings = settings.model_copy(update={"data": settings.data.expanduser()})
    origins: dict[str, Origin] = {
        name: "option" if name in given else "environment" if name in environment
        else "file" if name in of_file else "default"
        for name in Settings.model_fields
    }  # fmt: skip
    return Loaded(settings, origins, file if file.is_file() else None)


def _flattened(prefix: str, options: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flattened(f"{prefix}{name}.", value)
        else:
            yield f"{prefix}{name}", value


def _environment() -> dict[str, Any]:
    """What the environment says: a value itself, or in LIVELIHOOD_..._FILE a file that holds it."""
    found = dict(os.environ)
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}"
        path = os.environ.get(f"{variable}_FILE")
        # One such name is a setting of its own: that file is read again when its keys are changed.
        if path and not os.environ.get(variable) and f"{name}_file" not in Settings.model_fields:
            try:
                found[variable] = Path(path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Failure(f"{variable}_FILE: {path} cannot be read: {error}.", MISSING) from None
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in found.items() if value}
    try:
        return source()
    except SettingsError as error:
        name = next(name for name in _TABLES if f'"{name}"' in str(error))
        raise Failure(f"{PREFIX}{name.upper()}: write a JSON object, as {_TABLES[name]}.", USAGE) from None


def shown(name: str, value: Any) -> Any:
    """A setting's value as it may be printed: without what is secret in it."""
    if isinstance(value, dict):
        return {option: HIDDEN if _SECRET.search(option) else one for option, one in value.items()}
    if name in ("operator", "master_key", "wechat_token", "wechat_aes_key", "wechat_secret", "oidc_secret"):
        return HIDDEN if value else value
    if name in ("redis", "vault", "smtp_url"):
        return _PASSWORD.sub(lambda found: f"{found[1] or found[2]}{HIDDEN}", str(value))
    return value


#: What is printed in a secret's place.
HIDDEN = "***"
_SECRET = re.compile("password|secret|key|token|pem|jaas", re.IGNORECASE)
#: A password in a URL stands between the user's colon and the last @, or among the parameters.
_PASSWORD = re.compile(r"(?<=://)([^:/@]*:).*(?=@)|([?&]password=)[^&]*")


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
    # Which of many options is wrong is said; what it was set to may be a secret.
    part = ".".join(map(str, detail["loc"][1:2]))
    is_ = f", {part}" if part else f" (it is {shown(name, detail['input'])!r})"
    return Failure(f"{where}: {complaint(detail['type'], detail['msg'])}{is_}.", USAGE)
