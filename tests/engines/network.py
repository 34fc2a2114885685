"""Machines that are none: network namespaces with addresses of their own on one bridge.

The hub holds bridge, scheduler and driver; each worker has a namespace and a cable that can be
cut. Needs root and ``ip`` (iproute2); elsewhere the tests are skipped and say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from uuid import uuid4

import pytest

__all__ = ["Network", "network"]

HUB = "10.77.0.1"


class NoNetworkError(Exception):
    """This machine makes no namespaces; the message says why."""


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoNetworkError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


class Network:
    """A hub at 10.77.0.1 and machines at 10.77.0.11, .12, …; names are this one's own."""

    def __init__(self, machines: int) -> None:
        if not shutil.which("ip") or os.geteuid() != 0:
            raise NoNetworkError("needs root and the command ip (iproute2)")
        self.name, self.machines = f"lu{uuid4().hex[:6]}", machines
        try:
            self._hub()
            for number in range(machines):
                self._machine(number)
        except NoNetworkError:
            self.close()
            raise

    def _hub(self) -> None:
        hub = f"{self.name}h"
        _ip("netns", "add", hub)
        for words in (
            ("link", "set", "lo", "up"),
            ("link", "add", "br0", "type", "bridge"),
            ("addr", "add", f"{HUB}/24", "dev", "br0"),
            ("link", "set", "br0", "up"),
        ):
            _ip("-n", hub, *words)

    def _machine(self, number: int) -> None:
        hub, own, cable = f"{self.name}h", f"{self.name}w{number}", f"v{number}"
        _ip("netns", "add", own)
        _ip("-n", hub, "link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", own)
        _ip("-n", hub, "link", "set", cable, "master", "br0", "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{self.address(number)}/24", "dev", "eth0"),
            ("link", "set", "eth0", "up"),
        ):
            _ip("-n", own, *words)

    @staticmethod
    def address(number: int) -> str:
        """The address of a machine."""
        return f"10.77.0.{11 + number}"

    def at_hub(self) -> list[str]:
        """Words before a command that shall run at the hub."""
        return ["ip", "netns", "exec", f"{self.name}h"]

    def at(self, number: int) -> list[str]:
        """Words before a command that shall run on a machine."""
        return ["ip", "netns", "exec", f"{self.name}w{number}"]

    def cut(self, number: int) -> None:
        """Pull the cable of a machine."""
        _ip("-n", f"{self.name}h", "link", "set", f"v{number}", "down")

    def mend(self, number: int) -> None:
        """Put it back."""
        _ip("-n", f"{self.name}h", "link", "set", f"v{number}", "up")

    def close(self) -> None:
        """Remove every namespace with its cables."""
        for name in self.left():
            _ip("netns", "del", name)

    def left(self) -> list[str]:
        """Namespaces of this network that are there."""
        names = [line.split()[0] for line in _ip("netns", "list").splitlines() if line.split()]
        return [name for name in names if name.startswith(self.name)]


@pytest.fixture
def network() -> Iterator[Network]:
    """A hub and two machines."""
    try:
        made = Network(2)
    except NoNetworkError as fault:
        pytest.skip(f"no network of its own on this machine: {fault}")
    try:
        yield made
    finally:
        made.close()
        assert not made.left()
