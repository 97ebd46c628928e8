#!/bin/sh
# What udhcpc does with a lease, in the shopper's namespace. Debian's own script would
# change the machine's /etc/resolv.conf.
case "$1" in
deconfig)
    ip -4 address flush dev "$interface"
    ;;
bound | renew)
    ip -4 address replace "$ip/$mask" dev "$interface"
    ip -4 route replace default via "$router" dev "$interface"
    : >/etc/resolv.conf
    for server in $dns; do
        echo "nameserver $server" >>/etc/resolv.conf
    done
    ;;
esac
