"""The one thing pyproject.toml cannot say for good: the compiled twin of the neighbour search.

Optional: where there is no compiler the package installs without it, and searches by torch.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "bitseam.mining.search._fused",
            sources=["mining/search/fused.cpp"],
            depends=["mining/search/kernels.h"],
            extra_compile_args=["-std=c++17", "-O3"],
            language="c++",
            optional=True,
        )
    ]
)
