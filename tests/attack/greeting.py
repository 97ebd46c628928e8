"""A page to be served: it says how much was sent to it, by what, and adds what is asked for."""


def create():
    def application(environ, start_response):
        octets = len(environ["wsgi.input"].read())
        more = b"x" * int(environ["QUERY_STRING"] or 0)
        said = more + f"{environ['wsgi.url_scheme']} {octets} octets".encode()
        start_response("200 OK", [("Content-Length", str(len(said)))])
        return [said]

    return application
