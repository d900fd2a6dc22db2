"""Settings: in which order they are found, and what is said where one is wrong."""

from pathlib import Path
from typing import Any

import pytest

from cli.failures import USAGE, Failure
from cli.settings import Settings, default_data, load


def test_without_any_word_the_data_lie_under_the_users_own_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load().settings.data == tmp_path / "livelihood"
    monkeypatch.setenv("XDG_DATA_HOME", "relative, so to be ignored")
    assert default_data() == Path.home() / ".local" / "share" / "livelihood"


def test_an_option_comes_before_the_environment_the_environment_before_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LIVELIHOOD_ADDRESS")
    file = tmp_path / "settings.toml"
    file.write_text('tick_seconds = 0.4\nfollow_seconds = 9.0\ndata = "from-file"\n')
    loaded = load(file)
    assert (loaded.settings.data, loaded.origins["data"]) == (Path("from-file"), "file")
    monkeypatch.setenv("LIVELIHOOD_DATA", "from-environment")
    monkeypatch.setenv("LIVELIHOOD_TICK_SECONDS", "0.3")
    loaded = load(file)
    assert loaded.settings == Settings(data=Path("from-environment"), tick_seconds=0.3, follow_seconds=9)
    assert {name: origin for name, origin in loaded.origins.items() if origin != "default"} == {
        "data": "environment", "tick_seconds": "environment", "follow_seconds": "file"
    }  # fmt: skip
    assert load(file, data=Path("given")).settings.data == Path("given")
    assert load(file, data=Path("given")).origins["data"] == "option"


def test_the_file_in_the_data_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "livelihood.toml").write_text("follow_seconds = 5\n")
    loaded = load(data=tmp_path)
    assert loaded.settings.follow_seconds == 5
    assert loaded.file == tmp_path / "livelihood.toml"


def test_an_environment_variable_can_name_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("follow_seconds = 5\n")
    monkeypatch.setenv("LIVELIHOOD_CONFIG", str(tmp_path / "s.toml"))
    assert load().settings.follow_seconds == 5


def test_a_home_is_written_as_a_tilde() -> None:
    assert load(data=Path("~/here")).settings.data == Path.home() / "here"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tick_seconds = 5\n", "tick_seconds: Input should be less than or equal to"),
        ("colour = 1\n", "there is no setting `colour`; there are data, tick_seconds"),
        ("tick_seconds = \n", "is not valid TOML"),
        ('public = "streets by colour"\n', "public: String should match pattern"),
        ('public_embed = "paper.example"\n', "public_embed: String should match pattern"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(Failure) as failure:
        load(file)
    assert said in failure.value.message
    assert str(file) in failure.value.message
    assert failure.value.status == USAGE


def test_a_file_that_is_not_there_is_an_error_only_where_it_was_named(tmp_path: Path) -> None:
    load(data=tmp_path)
    with pytest.raises(Failure, match=r"no settings file .*nowhere.toml"):
        load(tmp_path / "nowhere.toml")


def test_the_data_folder_cannot_name_another_one(tmp_path: Path) -> None:
    (tmp_path / "livelihood.toml").write_text('data = "elsewhere"\n')
    with pytest.raises(Failure, match="cannot be set inside the data folder"):
        load(data=tmp_path)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVELIHOOD_TICK_SECONDS", "soon")
    with pytest.raises(Failure, match=r"LIVELIHOOD_TICK_SECONDS: .*'soon'"):
        load()


def test_config_prints_each_value_with_its_origin(run: Any, tmp_path: Path) -> None:
    (tmp_path / "livelihood.toml").write_text("follow_seconds = 5\n")
    ran = run("config", "--data", tmp_path, env={"LIVELIHOOD_TICK_SECONDS": "0.1"})
    assert ran.status == 0
    told = {line.split()[0]: line for line in ran.out.splitlines() if line.strip()}
    assert "--data" in told["data"]
    assert "LIVELIHOOD_TICK_SECONDS" in told["tick_seconds"]
    assert "file" in told["follow_seconds"]
    assert f"The settings file is {tmp_path / 'livelihood.toml'}." in ran.out
    assert "default" in run("config").out
    assert "There is no settings file." in run("config").out
    assert run("config", "--data", tmp_path, "--format", "json").json["follow_seconds"] == {
        "value": 5.0,
        "origin": "file",
    }


def test_the_distributed_engine_needs_kafka_and_redis(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('kafka = "broker:9092"\n')
    with pytest.raises(Failure, match=r"`kafka` is set and `redis` is not.*LIVELIHOOD_REDIS") as failure:
        load(file)
    assert failure.value.status == USAGE
    file.write_text('kafka = "broker:9092"\nredis = "redis://store"\n')
    assert load(file).settings.distributed
    assert not load().settings.distributed


def test_a_value_may_be_in_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("rediss://user:pass@store/0\n")
    monkeypatch.setenv("LIVELIHOOD_KAFKA", "broker:9092")
    monkeypatch.setenv("LIVELIHOOD_REDIS_FILE", str(tmp_path / "secret"))
    loaded = load()
    assert (loaded.settings.redis, loaded.origins["redis"]) == ("rediss://user:pass@store/0", "environment")
    monkeypatch.setenv("LIVELIHOOD_REDIS", "redis://nearer")
    assert load().settings.redis == "redis://nearer"
    monkeypatch.delenv("LIVELIHOOD_REDIS")
    monkeypatch.setenv("LIVELIHOOD_REDIS_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(Failure, match=r"LIVELIHOOD_REDIS_FILE: .*nowhere cannot be read"):
        load()


def test_options_of_kafka_are_a_table_or_json(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[kafka_options]\nsecurity.protocol = "SASL_SSL"\n"linger.ms" = 5\n')
    assert load(file).settings.kafka_options == {"security.protocol": "SASL_SSL", "linger.ms": 5}
    monkeypatch.setenv("LIVELIHOOD_KAFKA_OPTIONS", '{"linger.ms": 7}')
    assert load(file).settings.kafka_options == {"security.protocol": "SASL_SSL", "linger.ms": 7}
    monkeypatch.setenv("LIVELIHOOD_KAFKA_OPTIONS", "linger.ms=7")
    with pytest.raises(Failure, match="LIVELIHOOD_KAFKA_OPTIONS: write a JSON object"):
        load(file)


SECRETS = {
    "kafka": "broker:9092",
    "redis": "rediss://worker:gehe@im@store:6379/0?password=gehe&health_check_interval=5",
    "kafka_options": '{"sasl.username": "worker", "sasl.password": "geheim", "ssl.key.pem": "geheim"}',
}


@pytest.mark.parametrize("arguments", [(), ("--format", "json")])
def test_what_is_secret_is_never_printed(run: Any, arguments: tuple[str, ...]) -> None:
    env = {f"LIVELIHOOD_{name.upper()}": value for name, value in SECRETS.items()} | {"COLUMNS": "300"}
    ran = run("config", *arguments, env=env)
    assert ran.status == 0
    assert "gehe" not in ran.out
    for there in ("rediss://worker:***@store:6379/0?password=***&health", "worker", "broker:9092"):
        assert there in ran.out


def test_what_is_secret_is_not_printed_where_it_is_wrong(run: Any) -> None:
    for name, value in (("REDIS", "http://worker:geheim@store"), ("KAFKA_OPTIONS", '{"a": ["geheim"]}')):
        ran = run("config", env={"LIVELIHOOD_KAFKA": "broker", f"LIVELIHOOD_{name}": value})
        assert ran.status == USAGE
        assert f"LIVELIHOOD_{name}" in ran.err
        assert "geheim" not in ran.err


def test_a_wechat_account_is_put_together_and_what_is_wrong_is_named(
    run: Any, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.setenv("LIVELIHOOD_WECHAT_APPID", "wx1")
    monkeypatch.setenv("LIVELIHOOD_WECHAT_TOKEN", "a-token-of-ours")
    for wechat, said in (
        ("service=other", """LIVELIHOOD_WECHAT: write a JSON object, as {"service": "question"}."""),
        ('{"service": "other", "language": "fr"}', "The setting `wechat.language`: "),
        ("{}", "The setting `wechat.service`: Field required."),
    ):
        monkeypatch.setenv("LIVELIHOOD_WECHAT", wechat)
        ran = run("serve", "--data", data)
        assert ran.status == USAGE
        assert said in ran.err
    monkeypatch.setenv("LIVELIHOOD_WECHAT", '{"service": "other"}')
    monkeypatch.setenv("LIVELIHOOD_WECHAT_AES_KEY", "too-short-and-secret")
    ran = run("serve", "--data", data)
    assert "The setting `wechat_aes_key`: " in ran.err
    assert "too-short" not in ran.err
    assert "a-token" not in run("config", "--data", data).out


def test_a_provider_is_put_together_and_what_is_wrong_is_named(
    run: Any, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    monkeypatch.setenv("LIVELIHOOD_OIDC_ISSUER", "https://id.town.example")
    monkeypatch.setenv("LIVELIHOOD_OIDC_SECRET", "geheim")
    assert "The setting `oidc_client`: " in run("serve", "--data", data).err
    monkeypatch.setenv("LIVELIHOOD_OIDC_CLIENT", "livelihood")
    for oidc, said in (
        ("roles=admin", """LIVELIHOOD_OIDC: write a JSON object, as {"roles": {"town-hall": "viewer"}}."""),
        ('{"roles": {"a": "king"}}', "The setting `oidc.roles.a`: "),
        ('{"groups": "a"}', "The setting `oidc.groups`: Extra inputs"),
    ):
        monkeypatch.setenv("LIVELIHOOD_OIDC", oidc)
        ran = run("serve", "--data", data)
        assert ran.status == USAGE
        assert said in ran.err
    monkeypatch.setenv("LIVELIHOOD_OIDC", "{}")
    monkeypatch.setenv("LIVELIHOOD_OIDC_ISSUER", "http://id.town.example")
    assert "The setting `oidc_issuer`: " in run("serve", "--data", data).err
    assert "geheim" not in run("config", "--data", data).out
