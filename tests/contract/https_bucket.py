"""A bucket of this machine: it takes answers as S3 does over TLS or in the clear, or does what a test makes it do."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Bucket:
    """`behave` gets the connection after the whole request came; `requests` are all that came."""

    port: int
    behave: Callable[[socket.socket], None] = lambda connection: connection.sendall(OK)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def gateway(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answers(self, head: bytes) -> None:
        """Answer everything with these bytes."""
        self.behave = lambda connection: connection.sendall(head)


@contextmanager
def bucket(certificate: Path | None = None) -> Iterator[Bucket]:
    """Serve until the block ends, over TLS if there is a certificate."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    here = Bucket(listener.getsockname()[1])
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), plain:
            plain.settimeout(5)
            connection = context.wrap_socket(plain, server_side=True) if context else plain
            with connection:
                here.requests.append(_whole(connection))
                here.behave(connection)

    def accept() -> None:
        while not here.over.is_set():
            with suppress(TimeoutError):
                connection, _ = listener.accept()
                here.connections += 1
                threading.Thread(target=serve, args=[connection], daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield here
    finally:
        here.over.set()
        thread.join()
        listener.close()


def _whole(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65_536) or b"\r\n\r\n"
    head, _, body = read.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length")), 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def certificate_for(host: str, folder: Path) -> Path:
    """Return a file with a certificate for the host, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A bucket of this machine")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host[:40]}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file
