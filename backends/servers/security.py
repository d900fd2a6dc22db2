"""A Kafka broker that asks who one is: encrypted connections, users with passwords, rights by topic."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_MECHANISM = "SCRAM-SHA-512"
#: Whom the broker takes itself for where it talks to its own controller, by its certificate.
_CONTROLLER = "controller"


class Secured(NamedTuple):
    """What is needed to run a broker with SASL_SSL: its certificate, who signed it, and the users.

    Nobody but the administrator may do anything until rights are given (an AclBinding for each).
    """

    #: A PEM file with the private key, unencrypted in PKCS 8, and the certificate, for the name 127.0.0.1.
    certificate: Path
    #: A PEM file with the certificate of the authority that signed it, which signs for nobody else: whoever
    #: shows one of its certificates to the controller is taken for the broker.
    authority: Path
    #: User -> password.
    users: Mapping[str, str]
    #: The one of them who may do everything.
    administrator: str

    def properties(self) -> dict[str, str]:
        """The broker's own settings."""
        module = "org.apache.kafka.common.security.scram.ScramLoginModule"
        password = self.users[self.administrator]
        login = f'{module} required username="{self.administrator}" password="{password}";'
        return {
            "listener.security.protocol.map": "CLIENT:SASL_SSL,CONTROLLER:SSL",
            "inter.broker.listener.name": "CLIENT",
            "sasl.enabled.mechanisms": _MECHANISM,
            "sasl.mechanism.inter.broker.protocol": _MECHANISM,
            "listener.name.client.scram-sha-512.sasl.jaas.config": login,
            "listener.name.controller.ssl.client.auth": "required",
            "ssl.principal.mapping.rules": f"RULE:^.+$/{_CONTROLLER}/",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.certificate),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{self.administrator};User:{_CONTROLLER}",
        }

    def format_options(self) -> list[str]:
        """What makes the users when a folder is made ready."""
        return [
            part
            for user, password in self.users.items()
            for part in ("--add-scram", f"{_MECHANISM}=[name={user},password={password}]")
        ]

    def client(self, user: str) -> dict[str, str]:
        """The options with which the user's clients connect, in librdkafka's names."""
        return {
            "security.protocol": "SASL_SSL",
            "ssl.ca.location": str(self.authority),
            "sasl.mechanism": _MECHANISM,
            "sasl.username": user,
            "sasl.password": self.users[user],
        }
