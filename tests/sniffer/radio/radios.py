"""A kernel with radios, as strict as the real one where the code leans on that."""

import errno
import os

from sniffer.radio.channels import Channel
from sniffer.radio.nl80211 import Interface, Mode, Radio
from sniffer.radio.rtnetlink import Link


def refusal(number):
    return OSError(number, os.strerror(number))


class Radios:
    def __init__(self, *names):
        self.found = {}
        self.up = set()
        self.refuse = {}
        self.can_monitor = True
        self.done = []
        for name in names:
            self.plug_in(name)

    def plug_in(self, name, radio=0, mode=Mode.STATION, *, is_connected=False):
        index = 2 + len(self.found)
        self.found[index] = Interface(index, name, radio, mode, is_connected)

    def index_of(self, name):
        for index, interface in self.found.items():
            if interface.name == name:
                return index
        raise refusal(errno.ENODEV)

    def interface(self, index):
        self._may("interface")
        return self.found[index]

    def interfaces(self):
        self._may("interfaces")
        return list(self.found.values())

    def radio(self, number):
        self._may("radio")
        return Radio(number, (Channel.of(1), Channel.of(6)), self.can_monitor)

    def link(self, index):
        mode = self.found[index].mode
        return Link(index, self.found[index].name, True, index in self.up, mode == Mode.MONITOR)

    def set_mode(self, index, mode):
        self._may("set_mode")
        if index in self.up:
            raise refusal(errno.EBUSY)
        self.found[index] = self.found[index]._replace(mode=mode)

    def set_channel(self, index, channel):
        self._may("set_channel")
        self.done.append((self.found[index].name, channel))

    def set_up(self, index, *, up):
        self._may("set_up")
        self.done.append((self.found[index].name, self.found[index].mode, "up" if up else "down"))
        (self.up.add if up else self.up.discard)(index)

    def close(self):
        self.done.append("closed")

    def _may(self, what):
        if what in self.refuse:
            raise self.refuse[what]
