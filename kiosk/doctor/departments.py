"""The doctor's checks of the departments: each interface reached, its certificate, its clock."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from kiosk.backends.settings import Department
from kiosk.config import Config
from kiosk.doctor.finding import Finding, bad, ok, warn

SKEW_S = 60
"""RFC 9421 signatures carry their time; gateways commonly refuse what is off by more."""


def interfaces(config: Config, directory: Path) -> Iterator[Finding]:
    """One finding for each of the five departments. `directory` is the configuration's."""
    if config.sandbox.own:
        yield ok("departments", "the terminal brings its own sandbox")
        return
    reachable = config.departments.at(directory)
    for name, _ in config.departments.named():
        if name in reachable:
            yield interface(reachable[name])
        else:
            remedy = f"kiosk config set departments.{name}.url https://..."
            yield bad(f"department {name}", "it has no address", remedy)


def interface(department: Department) -> Finding:
    """Ask one interface for its health (docs/API.md, "Liveness")."""
    check = f"department {department.id}"
    address = urlsplit(department.base_url)
    where = address.hostname or ""
    try:
        connection = _connection(department, address)
    except (OSError, ssl.SSLError) as error:
        what = f"its certificate files cannot be used ({type(error).__name__})"
        remedy = f"Look at ca_file, client_cert, client_key of departments.{department.id}"
        return bad(check, what, remedy)
    try:
        connection.request("GET", f"{address.path.rstrip('/')}/health")
        answer = connection.getresponse()
    except socket.gaierror:
        return bad(check, f"nobody knows the name {where}", "Look at /etc/resolv.conf and the url")
    except ssl.SSLCertVerificationError as error:
        what = f"the certificate of {where} does not verify: {error.verify_message}"
        return bad(check, what, "Set ca_file to the department's authority; look at the clock")
    except ssl.SSLError as error:
        what = f"no TLS with {where} ({error.reason})"
        return bad(check, what, "The department may want client_cert; look at the port in the url")
    except TimeoutError:
        return bad(check, f"{where} does not answer", "Look at the route and the firewall")
    except (OSError, HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        return bad(check, f"{where} cannot be reached ({reason})", "Look at the url and its port")
    finally:
        connection.close()
    return _judged(check, where, answer)


def _connection(department: Department, address: SplitResult) -> HTTPConnection:
    host, timeout = address.hostname or "", department.connect_timeout_s
    if address.scheme == "http":
        return HTTPConnection(host, address.port, timeout=timeout)
    context = ssl.create_default_context(cafile=department.ca_file)
    if department.client_cert:
        context.load_cert_chain(department.client_cert, department.client_key)
    return HTTPSConnection(host, address.port, timeout=timeout, context=context)


def _judged(check: str, where: str, answer: HTTPResponse) -> Finding:
    if answer.status != 200:
        what = f"{where} answers {answer.status} {answer.reason}"
        return bad(check, what, "Look at the path of the url; otherwise call the department")
    skew = _skew_s(answer.headers.get("Date", ""))
    if skew is not None and abs(skew) > SKEW_S:
        what = f"{where} answers, but its clock and ours differ by {abs(skew):.0f} s"
        return warn(check, what, "timedatectl set-ntp true")
    return ok(check, f"{where} answers")


def _skew_s(date: str) -> float | None:
    try:
        return time.time() - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
