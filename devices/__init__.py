"""The hardware as a library: card reader, scanner, printer, each useful without the rest.

    from devices import open_device

    reader = open_device("sam-serial", name="id_card", port="/dev/kiosk-idcard")
    reader.start()
    result = await reader.read_card(timeout_s=60)

Nothing is opened and no driver library is imported before a device is started.
"""

from devices.registry import UnknownType, open_device

__all__ = ["UnknownType", "open_device"]
