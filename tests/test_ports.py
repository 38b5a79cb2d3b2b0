"""Ports of sweeps: on loopback, closed to who has not the sweep's certificate; schedulers with certificate files."""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil
import pytest
from distributed import Client
from distributed.core import rpc
from distributed.security import Security

from netpyne_model.errors import ModelError
from netpyne_model.sweeps import workers
from netpyne_model.sweeps.workers import dask_client

ROOT = Path(__file__).resolve().parents[1]
SOON_S = 60.0
# What a user of the same machine would do: ask who is there, and have something run.
STRANGER = """
import asyncio, sys
from distributed import Client
from distributed.core import rpc
from distributed.security import Security
async def ask(address, security):
    async with rpc(address, timeout=5, connection_args=security.get_connection_args("client")) as there:
        return await there.identity()
for address in sys.argv[1:]:
    for attempt, security in ((address, Security.temporary()), (address.replace("tls://", "tcp://"), Security())):
        try:
            print(asyncio.run(asyncio.wait_for(ask(attempt, security), 10)))
        except BaseException as error:
            print("refused", type(error).__name__)
"""


@pytest.fixture(scope="module")
def local():
    with dask_client(processes=1) as client:
        yield client


def addresses(client) -> list[str]:
    """Of the scheduler, its worker and the worker's nanny."""
    info = client.scheduler_info()
    ((worker, about),) = info["workers"].items()
    return [info["address"], worker, about["nanny"]]


def test_who_has_not_the_sweeps_certificate_is_refused_by_every_port(local):
    ports = addresses(local)
    assert all(address.startswith("tls://127.0.0.1:") for address in ports)
    said = subprocess.run(
        [sys.executable, "-c", STRANGER, *ports], capture_output=True, text=True, timeout=SOON_S
    ).stdout.splitlines()
    assert len(said) == 2 * len(ports)
    assert all(line.startswith("refused ") for line in said), said
    assert local.submit(abs, -1).result(timeout=SOON_S) == 1  # nobody was disturbed

    async def identity(address):
        arguments = local.security.get_connection_args("client")
        async with rpc(address, timeout=SOON_S, connection_args=arguments) as there:
            return await there.identity()

    kinds = [asyncio.run(identity(address))["type"] for address in ports]
    assert kinds == ["Scheduler", "Worker", "Nanny"]  # to the sweep itself they answer


def test_ports_are_open_on_loopback_alone_and_show_no_pages(local):
    (worker,) = local.run(os.getpid).values()
    for process in (psutil.Process(), psutil.Process(worker)):
        listening = [one for one in process.net_connections() if one.status == "LISTEN"]
        assert listening
        assert {one.laddr.ip for one in listening} == {"127.0.0.1"}
    info = local.scheduler_info()
    pages = [info["services"], *(one["services"] for one in info["workers"].values())]
    for port in [port for one in pages for port in one.values()]:
        for page in ("", "info/main/workers.html", "status", "json/identity.json"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=SOON_S)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> dict[str, Path]:
    """Files as docs/cluster.md has them: one certificate for all, which is its own authority."""
    folder, made = tmp_path_factory.mktemp("certificates"), Security.temporary()
    files = {"cert": folder / "ca1.pem", "key": folder / "ca1.key"}
    files["cert"].write_text(made.tls_ca_file)
    files["key"].write_text(made.tls_client_key)
    return files


@pytest.fixture(scope="module")
def scheduler(certificates, tmp_path_factory):
    """Scheduler file of a scheduler and a worker that ask for certificates."""
    file = tmp_path_factory.mktemp("scheduler") / "scheduler.json"
    tls = ["--tls-ca-file", certificates["cert"], "--tls-cert", certificates["cert"]]
    common = ["--scheduler-file", file, "--protocol", "tls", "--host", "127.0.0.1"]
    common += ["--no-dashboard", *tls, "--tls-key", certificates["key"]]
    dask = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": file.parent}
    started = [
        subprocess.Popen([*dask, "scheduler", "--port", "0", *common], **quiet),
        subprocess.Popen([*dask, "worker", "--nthreads", "1", "--no-nanny", *common], **quiet),
    ]
    try:
        end_s = time.monotonic() + SOON_S
        while not (file.is_file() and file.read_text().endswith("}")):
            assert time.monotonic() < end_s, "no scheduler"
            time.sleep(0.05)
        yield file
    finally:
        for process in started:
            process.kill()
            process.wait()


CONNECTED = """
import sys
from netpyne_model.sweeps.workers import dask_client
with dask_client(scheduler=sys.argv[1]) as client:
    print(client.submit(abs, -3).result(timeout=60))
"""


def connected(at, certificates=None):
    names = dict(zip(workers._CERTIFICATES, ("cert", "cert", "key"), strict=True))
    environment = {name: str(certificates[one]) for name, one in names.items() if certificates}
    return subprocess.run(
        [sys.executable, "-c", CONNECTED, str(at)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
    )


def test_a_scheduler_with_certificates_by_file_and_by_address(scheduler, certificates):
    address = json.loads(scheduler.read_text())["address"]
    assert address.startswith("tls://")
    for at in (scheduler, address):
        done = connected(at, certificates)
        assert done.stdout == "3\n", done.stderr


def test_without_them_it_is_one_line_that_says_where_they_go(scheduler, monkeypatch):
    """The line's advice is what the test above does."""
    monkeypatch.setattr(workers, "_CONNECT_S", 2.0)
    address = json.loads(scheduler.read_text())["address"]
    for at in (str(scheduler), address):
        with pytest.raises(ModelError) as caught, dask_client(scheduler=at):
            pass
        assert str(caught.value) == (
            f"scheduler {at} does not answer; name its certificates:"
            " DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT,"
            " DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY (docs/cluster.md)."
        )
    plain = address.replace("tls://", "tcp://")
    with pytest.raises(ModelError, match=f"^scheduler {plain} does not answer "):
        dask_client(scheduler=plain).__enter__()


def test_a_client_that_failed_is_gone_before_another_starts(scheduler, monkeypatch):
    """Also where its error is kept. Collected while a client starts, it would wait for ever for that
    one's lock.
    """
    monkeypatch.setattr(workers, "_CONNECT_S", 2.0)
    before = clients()
    with pytest.raises(ModelError) as kept:
        dask_client(scheduler=str(scheduler)).__enter__()
    assert "does not answer" in str(kept.value)
    assert clients() <= before


def clients() -> set[int]:
    """Those of this process that Python has not yet collected."""
    return {id(one) for one in gc.get_objects() if type(one) is Client}
