"""The core of the laboratory. Importing any part of it makes torch's matrix products reproducible.

On x86 processors torch multiplies matrices with Intel's MKL, which may take another code path for the same
numbers at another address in memory. The results then differ by rounding: by 6e-8 on an AMD EPYC. MKL's
switch for conditional numerical reproducibility, the environment variable MKL_CBWR, forbids that at no
measurable cost (MKL Developer Guide, "Obtaining Numerically Reproducible Results"). MKL reads it at its first
product, and every value means one fixed code path, so it is set here, before the core can compute.
"""

import os
import sys
import warnings
from ctypes import CDLL
from pathlib import Path

if not os.environ.get("MKL_CBWR"):
    os.environ["MKL_CBWR"] = "AUTO"


def products_are_reproducible() -> bool:
    """Whether equal products have equal bits at any address in memory. Imports torch.

    Asks MKL itself for the code path it has taken: 1 stands for any path (MKL_CBWR_OFF in mkl_service.h).
    """
    import torch

    if not torch.backends.mkl.is_available():  # type: ignore[no-untyped-call]  # other libraries do not look at addresses
        return True
    name = {"win32": "torch_cpu.dll", "darwin": "libtorch_cpu.dylib"}.get(sys.platform, "libtorch_cpu.so")
    try:
        mkl = CDLL(str(Path(torch.__file__).parent / "lib" / name))
        return bool(mkl.mkl_serv_cbwr_get(1) != 1)
    except (OSError, AttributeError):  # an MKL that cannot be asked, for example one that conda shares
        return False


if "torch" in sys.modules and not products_are_reproducible():
    warnings.warn(
        "torch multiplied matrices before mlcore was imported, so equal specs may give results that differ "
        "by rounding. Import mlcore first, or set MKL_CBWR=AUTO in the environment.",
        RuntimeWarning,
        stacklevel=2,
    )
