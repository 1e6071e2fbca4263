"""Takes the Helm chart of the server out of a ZenML wheel: unpack_chart.py WHEEL FOLDER."""

import pathlib
import sys
import zipfile

INSIDE = "zenml/zen_server/deploy/helm/"

wheel, folder = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
for name in wheel.namelist():
    if name.startswith(INSIDE) and not name.endswith("/"):
        file = folder / name.removeprefix(INSIDE)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(wheel.read(name))
if not (folder / "Chart.yaml").exists():
    sys.exit(f"{sys.argv[1]} holds no chart")
