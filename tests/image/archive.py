#!/usr/bin/env python3
"""Writes a root folder as a container image with one layer, in the archive format of `docker save`.

usage: archive.py NAME ROOT_FOLDER ARCHIVE CONFIGURATION_JSON [LABEL]
"""

import hashlib
import io
import json
import platform
import subprocess
import sys
import tarfile
import tempfile

ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# Filled by the engine when a container starts.
LEFT_OUT = ["./dev/*", "./proc/*", "./sys/*", "./tmp/*"]


def pack_layer(root, layer):
    """Writes the folder as a tar file; gives back its SHA-256. Times are kept: Python compares them with its .pyc."""
    command = ["tar", "--numeric-owner", "--sort=name", "-C", root]
    command += [f"--exclude={pattern}" for pattern in LEFT_OUT] + ["-cf", "-", "."]
    digest = hashlib.sha256()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as tar:
        while block := tar.stdout.read(1 << 20):
            digest.update(block)
            layer.write(block)
    if tar.returncode != 0:
        raise SystemExit(f"tar ended with {tar.returncode}")
    return digest.hexdigest()


def image_configuration(configuration, layer_digest):
    """The image's own description, as the specification of OCI images wants it."""
    created = "1970-01-01T00:00:00Z"
    return {
        "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "created": created,
        "config": configuration,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        "history": [{"created": created, "created_by": "tests/image/build"}],
    }


def add(archive, name, content):
    """Adds a small file."""
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def main(name, root, path, configuration, label=""):
    configuration = json.loads(configuration)
    if label:
        configuration["Labels"] = {label: "true"}
    with tempfile.TemporaryFile(dir=path.rpartition("/")[0] or ".") as layer:
        digest = pack_layer(root, layer)
        description = json.dumps(image_configuration(configuration, digest)).encode()
        description_name = hashlib.sha256(description).hexdigest() + ".json"
        manifest = [{"Config": description_name, "RepoTags": [name], "Layers": [f"{digest}/layer.tar"]}]
        with tarfile.open(path, "w") as archive:
            add(archive, "manifest.json", json.dumps(manifest).encode())
            add(archive, description_name, description)
            member = tarfile.TarInfo(f"{digest}/layer.tar")
            member.size = layer.tell()
            layer.seek(0)
            archive.addfile(member, layer)
    print(f"{name}: layer sha256:{digest[:12]}, {member.size >> 20} MB")


if __name__ == "__main__":
    main(*sys.argv[1:])
