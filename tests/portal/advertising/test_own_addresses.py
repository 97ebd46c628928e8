from portal.advertising import own_addresses


def test_finds_the_address_of_an_interface():
    assert own_addresses.of_interface("lo") == ["127.0.0.1"]


def test_an_interface_that_is_not_there_has_none():
    assert own_addresses.of_interface("no-such-one") == []
