"""The web server with one listening socket for all of its processes, so that none takes waiting connections with it."""

from __future__ import annotations

import socket

from granian import Granian
from granian.net import SocketSpec  # type: ignore[attr-defined]  # it comes from the compiled part


class SharedListening(Granian):  # type: ignore[misc, valid-type]  # one of two classes
    """Granian whose web processes inherit one socket.

    On Linux it would give each process a socket of its own on the same port. The kernel spreads new connections over
    them, and those that a process has not accepted when it ends are lost: a few at each reload, more with `kill -9`.
    """

    def _init_shared_socket(self) -> None:
        # What the library itself does on systems where several sockets can't share a port.
        self._ssp = None
        self._shd = SocketSpec(self.bind_addr, self.bind_port, self.backlog).build()
        self._sfd = self._shd.get_fd()
        self._sso = socket.socket(fileno=self._sfd)
        self._sso.set_inheritable(True)
