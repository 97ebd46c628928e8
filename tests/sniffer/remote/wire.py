"""A wire between a sensor and the box that remembers all that goes over it, and can be cut."""

import contextlib
import socket
import threading


class Wire:
    """Listens at `place`; passes on to the box."""

    def __init__(self, box):
        self.box = box
        self.there = bytearray()
        self.back = bytearray()
        self.connections = 0
        self.swallows_answers = False
        self._ends = []
        self._threads = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.place = self._listener.getsockname()
        self._start(self._accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Not closed before its thread is gone: the number could be another socket's by then.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self.cut()
        for thread in self._threads:
            thread.join()
        for end in (self._listener, *self._ends):
            end.close()

    def cut(self):
        """Every connection; later ones are passed on again."""
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _start(self, target, *arguments):
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                try:
                    far = socket.create_connection(self.box, 5)
                except OSError:
                    near.close()
                    continue
                far.settimeout(None)
                self.connections += 1
                self._ends += [near, far]
                self._start(self._pass_on, near, far, self.there)
                self._start(self._pass_on, far, near, self.back)

    def _pass_on(self, source, sink, seen):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                seen.extend(data)
                if seen is self.there or not self.swallows_answers:
                    sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
