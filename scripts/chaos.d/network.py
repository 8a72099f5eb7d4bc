"""A network of one bridge, with each host in a network namespace of its own.

The bridge is in a namespace, too: nothing of this machine's network is touched, and the namespaces'
removal removes everything.
"""

import os
import subprocess
import sys

NOWHERE = "02:00:00:00:00:00"


def run(*command, check=True):
    """Runs a command to its end; its words are the error's when it fails."""
    ran = subprocess.run(command, capture_output=True, text=True)
    if check and ran.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {ran.stderr.strip() or ran.stdout.strip()}")
    return ran


class Network:
    """Hosts by name. Who may not hear whom is said host by host, in one direction at a time."""

    def __init__(self, prefix):
        self.prefix = prefix
        self.hosts = {}
        self.wires = {}
        self._add_namespace("switch")
        self._switch("link", "add", "bridge", "type", "bridge")
        self._switch("link", "set", "bridge", "up")

    def namespace(self, host):
        return f"{self.prefix}-{host}"

    def inside(self, host):
        """What goes before a command for it to run on a host. Mounts stay those of this machine."""
        return ["nsenter", f"--net=/run/netns/{self.namespace(host)}", "--"]

    def add(self, host):
        self._add_namespace(host)
        number = len(self.hosts) + 1
        self.hosts[host] = f"10.77.0.{number}"
        port = self._port(host)
        self._switch(
            "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", self.namespace(host)
        )
        self._switch("link", "set", port, "master", "bridge", "up")
        self._on(host, "addr", "add", f"{self.hosts[host]}/24", "dev", "eth0")
        self._on(host, "link", "set", "eth0", "up")
        return self.hosts[host]

    def cut(self, sender, receiver):
        """Loses what one host sends to another: it goes to a hardware address nobody has."""
        self._on(
            sender, "neigh", "replace", self.hosts[receiver],
            "lladdr", NOWHERE, "nud", "permanent", "dev", "eth0",
        )  # fmt: skip

    def heal(self, sender, receiver):
        self._on(sender, "neigh", "del", self.hosts[receiver], "dev", "eth0")

    def slow(self, host, delay_ms, loss):
        """Puts a delay line between a host and the bridge. Many kernels come without netem."""
        port, near, far = self._port(host), f"n{self._port(host)}", f"f{self._port(host)}"
        self._switch("link", "add", near, "type", "veth", "peer", "name", far)
        for end in (near, far):
            self._switch("link", "set", end, "up")
        self._switch("link", "set", far, "master", "bridge")
        self._switch("link", "set", port, "nomaster")
        line = os.path.join(os.path.dirname(__file__), "delay.py")
        command = self.inside("switch") + [sys.executable, line, port, near, str(delay_ms), str(loss)]
        self.wires[host] = subprocess.Popen(command, start_new_session=True)

    def quicken(self, host):
        wire = self.wires.pop(host)
        wire.kill()
        wire.wait()
        self._switch("link", "del", f"n{self._port(host)}")
        self._switch("link", "set", self._port(host), "master", "bridge")

    def remove(self):
        for wire in self.wires.values():
            wire.kill()
            wire.wait()
        for host in [*self.hosts, "switch"]:
            run("ip", "netns", "del", self.namespace(host), check=False)

    def _add_namespace(self, host):
        run("ip", "netns", "add", self.namespace(host))
        self._on(host, "link", "set", "lo", "up")

    def _port(self, host):
        return f"p{self.hosts[host].rsplit('.', 1)[1]}"

    def _switch(self, *arguments):
        self._on("switch", *arguments)

    def _on(self, host, *arguments):
        run("ip", "-n", self.namespace(host), *arguments)
