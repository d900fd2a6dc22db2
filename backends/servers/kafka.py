"""One Kafka broker in KRaft mode: broker and controller in one process, on the loopback interface."""

import base64
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path

from backends.servers.packages import Progress, java, kafka_jars, kafka_version
from backends.servers.process import HOST, Background
from backends.servers.security import Secured
from livelihood.ports import Unavailable

#: For a broker with little to do besides one tracker: half the memory of Kafka's own default, and a compiler
#: and collector that start fast and use one core.
_JAVA_OPTIONS = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
#: Warnings, in the log with their time: for the logger fetched with the jars, and for that of a KAFKA_HOME.
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSS",
    "-Dlog4j2.level=WARN",
)
_ANSWER_SECONDS = 2.0
#: A shutdown in order hands over and closes its files; a busy machine takes its time.
_STOP_SECONDS = 30.0
_FORMAT_SECONDS = 60.0


class Kafka:
    """A broker whose data, settings and log are in one folder.

    `settings` are added to the broker's own properties. Unless it is `secured` it lets in whoever may use
    this machine.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        secured: Secured | None = None,
    ) -> None:
        """Without `port` the broker has the one it always had, or a free one. Nothing is started yet."""
        self.process = Background(folder, "Kafka")
        self._wanted = port
        self._settings = dict(settings or {})
        self._secured = secured

    @property
    def address(self) -> str:
        """The bootstrap server, as 127.0.0.1:20123; the same over restarts."""
        return f"{HOST}:{self.process.ports(2, self._wanted)[0]}"

    @property
    def version(self) -> str:
        """As 4.1.0, of the jars that a start would use."""
        return kafka_version(kafka_jars())

    def start(self, limit_seconds: float = 90.0, progress: Progress | None = None) -> None:
        """Start it unless it runs, and wait until it answers; `progress` is told of jars being fetched.

        Unavailable where it cannot be started; the message says why.
        """
        command: list[str | Path] = []
        ports: list[int] = []
        if self.process.pid is None:
            classpath = ":".join(map(str, kafka_jars(progress)))
            ports = self.process.ports(2, self._wanted)
            properties = self._write_properties(*ports)
            base: list[str | Path] = [java(), *_JAVA_OPTIONS, *_LOGGING, "-cp", classpath]
            if not (self.process.folder / "data" / "meta.properties").is_file():
                self._format([*base, "kafka.tools.StorageTool", "format", "-c", properties])
            command = [*base, "kafka.Kafka", properties]
        self.process.start(command, ports, self.answers, limit_seconds)

    def stop(self, limit_seconds: float = _STOP_SECONDS) -> bool:
        """End it in order; False if it had to be killed."""
        return self.process.stop(limit_seconds)

    def answers(self) -> bool:
        """Whether it serves a client now."""
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import AdminClient

        # Without a log: that nobody listens yet is no news.
        options: dict[str, str | int | float | bool] = {"bootstrap.servers": self.address, "log_level": 0}
        if self._secured:
            options |= self._secured.client(self._secured.administrator)
        admin = AdminClient(options)
        try:
            return bool(admin.list_topics(timeout=_ANSWER_SECONDS).brokers)
        except KafkaException:
            return False

    def _write_properties(self, port: int, controller_port: int) -> Path:
        name = "CLIENT" if self._secured else "PLAINTEXT"
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{HOST}:{controller_port}",
            "controller.listener.names": "CONTROLLER",
            "listeners": f"{name}://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
            "log.dirs": str(self.process.folder / "data"),
            # One broker: there is nowhere to copy to.
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # A topic that nobody made has the wrong number of partitions.
            "auto.create.topics.enable": "false",
            # Fewer workers and runs than the defaults of 50 are made for; each costs files and a start.
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.num.partitions": "4",
            # After a crash the broker is let in again once its last session has ended, by default in 9 s.
            "broker.session.timeout.ms": "3000",
            "broker.heartbeat.interval.ms": "1000",
            # The first worker of a group begins at once instead of waiting three seconds for a second one.
            "group.initial.rebalance.delay.ms": "0",
            # A transaction whose writer was killed holds up readers until the broker looks for such.
            "transaction.abort.timed.out.transaction.cleanup.interval.ms": "1000",
            **(self._secured.properties() if self._secured else {}),
            **self._settings,
        }
        path = self.process.folder / "server.properties"
        # With the broker's password in it, where it has one.
        path.touch(mode=0o600)
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        return path

    def _format(self, command: list[str | Path]) -> None:
        # Never begins with a hyphen, which would be taken for another option.
        identity = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        try:
            done = subprocess.run(
                [*command, "-t", identity, *(self._secured.format_options() if self._secured else ())],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_FORMAT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(
                f"Kafka's folder {self.process.folder} could not be made ready within"
                f" {_FORMAT_SECONDS:.0f} s; try again when the machine is less busy"
            ) from None
        if done.returncode:
            said = done.stdout.decode(errors="replace").strip()
            raise Unavailable(f"Kafka's folder {self.process.folder} could not be made ready:\n{said}")
