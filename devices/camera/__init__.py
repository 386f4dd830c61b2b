"""Cameras: frames from a device, a file or the network, and what their pictures say of them."""
