/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/_contextvars_embedded-462ba024750275f8.d: src/lib.rs src/c_watcher.rs src/convert.rs src/error.rs src/foreign.rs src/proxy.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/lib_contextvars_embedded-462ba024750275f8.rmeta: src/lib.rs src/c_watcher.rs src/convert.rs src/error.rs src/foreign.rs src/proxy.rs

src/lib.rs:
src/c_watcher.rs:
src/convert.rs:
src/error.rs:
src/foreign.rs:
src/proxy.rs:
