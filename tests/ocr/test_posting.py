"""What is posted where others say: to everybody's addresses, to the one that was looked at, and not for long."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
import trustme

from ocr import posting
from ocr.posting import Answer, BadTarget, NoAddress, NoConnection, NotPosted, NoTrust, TooLong
from tests.ocr.receivers import Names, Receiver, receiving, says

HEADERS = {"Content-Type": "application/json", "webhook-id": "msg_1"}


def post(url: str, *, private: bool = True) -> Answer:
    return posting.post(posting.target(url, private=private), HEADERS, b'{"a": 1}', private=private)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.4)


def named(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> Names:
    resolver = Names(**names)
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


# --- what arrives -----------------------------------------------------------------------------------------------------


def test_a_body_arrives_as_it_is(receiver: Receiver) -> None:
    assert post(receiver.url()) == Answer(204, "")
    (got,) = receiver.got
    assert (got.path, got.body) == ("/hook?of=ana", b'{"a": 1}')
    assert got.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert HEADERS.items() <= got.headers.items()


def test_whatever_is_answered_is_told(receiver: Receiver) -> None:
    receiver.answers = [says(503, Retry_After="120"), says(410)]
    assert [post(receiver.url()) for _ in range(2)] == [Answer(503, "120"), Answer(410, "")]


def test_a_redirect_leads_nowhere(receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.answers = [says(status, Location=elsewhere.url()) for status in (301, 302, 303, 307, 308)]
        assert [post(receiver.url()).status for _ in range(5)] == [301, 302, 303, 307, 308]
        assert elsewhere.got == []


def test_no_proxy_of_the_environment_is_asked(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        post(receiver.url())
        assert (len(receiver.got), proxy.got) == (1, [])


def test_where_nobody_listens_at_the_first_address_the_next_is_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    named(monkeypatch, two_example=["127.0.0.9 127.0.0.1"])
    assert post(receiver.url("two.example")).status == 204


# --- to whom nothing is posted ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111"])
@pytest.mark.parametrize("private", [True, False])
def test_everybodys_addresses_may_be_called(address: str, private: bool) -> None:
    assert posting._may_be_called(ip_address(address), private=private)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.8.9.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "::1", "fd00::1", "::ffff:10.0.0.1"],
)
def test_neighbours_may_if_a_setting_says_so(address: str) -> None:
    assert not posting._may_be_called(ip_address(address), private=False)
    assert posting._may_be_called(ip_address(address), private=True)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "169.254.169.254", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "100.64.0.1",  # noqa: S104
        "::", "fe80::1", "fec0::1", "ff02::1", "::ffff:169.254.169.254", "::ffff:224.0.0.1", "::127.0.0.1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001:0:7f00:1::",
    ],
)  # fmt: skip
@pytest.mark.parametrize("private", [True, False])
def test_others_never(address: str, private: bool) -> None:
    assert not posting._may_be_called(ip_address(address), private=private)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.1.2.3", "169.254.169.254"])
def test_an_address_in_the_url_is_looked_at_at_once(host: str) -> None:
    with pytest.raises(BadTarget) as caught:
        posting.target(f"https://{host}/", private=False)
    assert caught.value.reason == posting.NEIGHBOUR


@pytest.mark.parametrize(
    "url",
    [
        "", "receiver.example", "ftp://receiver.example/", "https://", "https:///path", "https://ana:secret@b.example/",
        "https://receiver.example:0/", "https://receiver.example:99999/", "https://receiver.example/\r\nX: 1",
        "https://receiver.example/a b", "https://ñ.example/", "https://[::1/", "javascript:alert(1)", "//a.example/",
    ],
)  # fmt: skip
def test_what_is_no_url(url: str) -> None:
    with pytest.raises(BadTarget) as caught:
        posting.target(url, private=True)
    assert caught.value.reason == posting.NO_URL


def test_without_tls_only_if_a_setting_says_so() -> None:
    with pytest.raises(BadTarget) as caught:
        posting.target("http://receiver.example/", private=False)
    assert caught.value.reason == posting.SCHEME
    assert posting.target("http://receiver.example:8080", private=True) == posting.Target(
        False, "receiver.example", 8080, "/"
    )


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
def test_a_name_that_means_this_machine_is_refused(receiver: Receiver, host: str) -> None:
    target = posting.target(f"https://{host}:{receiver.port}/", private=False)
    with pytest.raises(NoAddress):
        posting.post(target, HEADERS, b"", private=False)
    assert receiver.got == []


def test_one_neighbour_among_many_addresses_is_enough(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    named(monkeypatch, mixed_example=["93.184.216.34 127.0.0.1"])
    with pytest.raises(NoAddress):
        post(f"https://mixed.example:{receiver.port}/", private=False)


def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NoAddress):
        post("https://nobody.example/", private=False)


def test_the_address_that_was_looked_at_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """DNS rebinding: a name that says something else when it is asked again is not asked again."""
    looked_at: list[str] = []

    def only_two(address: posting.Address, *, private: bool) -> bool:
        looked_at.append(str(address))
        return str(address) == "127.0.0.2"  # stands for an address of everybody's

    monkeypatch.setattr(posting, "_may_be_called", only_two)
    with receiving("127.0.0.2") as honest, receiving("127.0.0.1", honest.port) as victim:
        names = named(monkeypatch, rebinding_example=["127.0.0.2", "127.0.0.1"])
        assert post(honest.url("rebinding.example")).status == 204
        assert (len(honest.got), victim.got) == (1, [])
        assert (names.asked, looked_at) == (["rebinding.example"], ["127.0.0.2"])
        with pytest.raises(NoAddress):  # the next time that it is asked, it is looked at again
            post(honest.url("rebinding.example"))
        assert victim.got == []


# --- TLS --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """Whom this machine trusts, for as long as a test takes."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    posting._trust.cache_clear()
    yield authority
    posting._trust.cache_clear()


def shown(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def test_the_certificate_is_the_names_though_an_address_is_called(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = shown(authority, "receiver.example")
    told: list[str | None] = []
    context.sni_callback = lambda _, name, __: told.append(name)
    with receiving(tls=context) as receiver:
        names = named(monkeypatch, receiver_example=["127.0.0.1"])
        assert post(receiver.url("receiver.example", "https")).status == 204
        (got,) = receiver.got
        assert got.headers["Host"] == f"receiver.example:{receiver.port}"
        assert (told, names.asked) == (["receiver.example"], ["receiver.example"])


@pytest.mark.parametrize("names", [("other.example",), ("127.0.0.1",)])
def test_another_names_certificate_is_not_believed(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    with receiving(tls=shown(authority, *names)) as receiver:
        named(monkeypatch, receiver_example=["127.0.0.1"])
        with pytest.raises(NoTrust):
            post(receiver.url("receiver.example", "https"))
        assert receiver.got == []


def test_nor_is_one_of_nobody_who_is_trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(tls=shown(trustme.CA(), "receiver.example")) as receiver:
        named(monkeypatch, receiver_example=["127.0.0.1"])
        with pytest.raises(NoTrust):
            post(receiver.url("receiver.example", "https"))
        assert receiver.got == []


# --- what takes its time ----------------------------------------------------------------------------------------------


def test_who_says_nothing_is_hung_up_on(receiver: Receiver, quick: None) -> None:
    receiver.answers = [lambda _: time.sleep(3)]
    began = time.monotonic()
    with pytest.raises(TooLong):
        post(receiver.url())
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("secure", [False, True])
def test_who_says_one_thing_after_the_other_is_too(authority: trustme.CA, quick: None, secure: bool) -> None:
    def drip(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(40):
            request.wfile.write(b"X: 1\r\n")
            time.sleep(0.1)

    tls = shown(authority, "127.0.0.1") if secure else None
    with receiving(tls=tls) as receiver:
        receiver.answers = [drip]
        began = time.monotonic()
        with pytest.raises(TooLong):
            post(receiver.url(scheme="https" if secure else "http"))
        assert time.monotonic() - began < 2


def test_an_answer_without_an_end_is_not_read_to_it(receiver: Receiver, quick: None) -> None:
    written: list[int] = []

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            written.append(request.wfile.write(b"0" * 65536))

    receiver.answers = [endless]
    began = time.monotonic()
    assert post(receiver.url()).status == 200
    assert time.monotonic() - began < 2
    assert sum(written) < 32 * 2**20


def test_nobody_is_left_behind_to_watch_the_time(receiver: Receiver) -> None:
    before = threading.active_count()
    for _ in range(5):
        post(receiver.url())
    assert [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)] == []
    assert threading.active_count() <= before + 5  # those of the receiver


def test_where_nobody_listens(receiver: Receiver) -> None:
    with receiving() as gone:
        url = gone.url()
    with pytest.raises(NoConnection):
        post(url)


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 two hundred\r\n\r\n", b"\x00" * 100])
def test_what_is_no_http_is_no_answer(receiver: Receiver, said: bytes) -> None:
    def speak(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(said)
        request.close_connection = True

    receiver.answers = [speak]
    with pytest.raises(NoConnection):
        post(receiver.url())


def test_every_failure_is_one_of_those_that_are_known() -> None:
    assert set(NotPosted.__subclasses__()) == {NoAddress, NoConnection, NoTrust, TooLong}
