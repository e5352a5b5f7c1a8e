/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/pyo3_macros-9022fd4371f1a6ec.d: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pyo3-macros-0.30.1/src/lib.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/libpyo3_macros-9022fd4371f1a6ec.so: /root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pyo3-macros-0.30.1/src/lib.rs

/root/.cargo/registry/src/index.crates.io-1949cf8c6b5b557f/pyo3-macros-0.30.1/src/lib.rs:

# env-dep:CARGO_PKG_VERSION=0.30.1
