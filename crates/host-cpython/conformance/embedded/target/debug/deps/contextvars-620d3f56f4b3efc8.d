/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/contextvars-620d3f56f4b3efc8.d: /work/main/crates/contextvars/src/lib.rs /work/main/crates/contextvars/src/engine.rs /work/main/crates/contextvars/src/engine/binding.rs /work/main/crates/contextvars/src/engine/context.rs /work/main/crates/contextvars/src/engine/domain.rs /work/main/crates/contextvars/src/engine/key.rs /work/main/crates/contextvars/src/engine/lookup.rs /work/main/crates/contextvars/src/engine/number.rs /work/main/crates/contextvars/src/engine/reads.rs /work/main/crates/contextvars/src/engine/slots.rs /work/main/crates/contextvars/src/engine/stock.rs /work/main/crates/contextvars/src/engine/token.rs /work/main/crates/contextvars/src/engine/versions.rs /work/main/crates/contextvars/src/host.rs /work/main/crates/contextvars/src/host/collect.rs /work/main/crates/contextvars/src/host/context.rs /work/main/crates/contextvars/src/host/context_host.rs /work/main/crates/contextvars/src/host/error.rs /work/main/crates/contextvars/src/host/iter.rs /work/main/crates/contextvars/src/host/mapping.rs /work/main/crates/contextvars/src/host/run.rs /work/main/crates/contextvars/src/host/scope.rs /work/main/crates/contextvars/src/host/token.rs /work/main/crates/contextvars/src/host/var.rs /work/main/crates/contextvars/src/std_host.rs /work/main/crates/contextvars/src/std_host/c_api.rs /work/main/crates/contextvars/src/std_host/context.rs /work/main/crates/contextvars/src/std_host/iter.rs /work/main/crates/contextvars/src/std_host/missing.rs /work/main/crates/contextvars/src/std_host/thread.rs /work/main/crates/contextvars/src/std_host/token.rs /work/main/crates/contextvars/src/std_host/var.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/libcontextvars-620d3f56f4b3efc8.rmeta: /work/main/crates/contextvars/src/lib.rs /work/main/crates/contextvars/src/engine.rs /work/main/crates/contextvars/src/engine/binding.rs /work/main/crates/contextvars/src/engine/context.rs /work/main/crates/contextvars/src/engine/domain.rs /work/main/crates/contextvars/src/engine/key.rs /work/main/crates/contextvars/src/engine/lookup.rs /work/main/crates/contextvars/src/engine/number.rs /work/main/crates/contextvars/src/engine/reads.rs /work/main/crates/contextvars/src/engine/slots.rs /work/main/crates/contextvars/src/engine/stock.rs /work/main/crates/contextvars/src/engine/token.rs /work/main/crates/contextvars/src/engine/versions.rs /work/main/crates/contextvars/src/host.rs /work/main/crates/contextvars/src/host/collect.rs /work/main/crates/contextvars/src/host/context.rs /work/main/crates/contextvars/src/host/context_host.rs /work/main/crates/contextvars/src/host/error.rs /work/main/crates/contextvars/src/host/iter.rs /work/main/crates/contextvars/src/host/mapping.rs /work/main/crates/contextvars/src/host/run.rs /work/main/crates/contextvars/src/host/scope.rs /work/main/crates/contextvars/src/host/token.rs /work/main/crates/contextvars/src/host/var.rs /work/main/crates/contextvars/src/std_host.rs /work/main/crates/contextvars/src/std_host/c_api.rs /work/main/crates/contextvars/src/std_host/context.rs /work/main/crates/contextvars/src/std_host/iter.rs /work/main/crates/contextvars/src/std_host/missing.rs /work/main/crates/contextvars/src/std_host/thread.rs /work/main/crates/contextvars/src/std_host/token.rs /work/main/crates/contextvars/src/std_host/var.rs

/work/main/crates/contextvars/src/lib.rs:
/work/main/crates/contextvars/src/engine.rs:
/work/main/crates/contextvars/src/engine/binding.rs:
/work/main/crates/contextvars/src/engine/context.rs:
/work/main/crates/contextvars/src/engine/domain.rs:
/work/main/crates/contextvars/src/engine/key.rs:
/work/main/crates/contextvars/src/engine/lookup.rs:
/work/main/crates/contextvars/src/engine/number.rs:
/work/main/crates/contextvars/src/engine/reads.rs:
/work/main/crates/contextvars/src/engine/slots.rs:
/work/main/crates/contextvars/src/engine/stock.rs:
/work/main/crates/contextvars/src/engine/token.rs:
/work/main/crates/contextvars/src/engine/versions.rs:
/work/main/crates/contextvars/src/host.rs:
/work/main/crates/contextvars/src/host/collect.rs:
/work/main/crates/contextvars/src/host/context.rs:
/work/main/crates/contextvars/src/host/context_host.rs:
/work/main/crates/contextvars/src/host/error.rs:
/work/main/crates/contextvars/src/host/iter.rs:
/work/main/crates/contextvars/src/host/mapping.rs:
/work/main/crates/contextvars/src/host/run.rs:
/work/main/crates/contextvars/src/host/scope.rs:
/work/main/crates/contextvars/src/host/token.rs:
/work/main/crates/contextvars/src/host/var.rs:
/work/main/crates/contextvars/src/std_host.rs:
/work/main/crates/contextvars/src/std_host/c_api.rs:
/work/main/crates/contextvars/src/std_host/context.rs:
/work/main/crates/contextvars/src/std_host/iter.rs:
/work/main/crates/contextvars/src/std_host/missing.rs:
/work/main/crates/contextvars/src/std_host/thread.rs:
/work/main/crates/contextvars/src/std_host/token.rs:
/work/main/crates/contextvars/src/std_host/var.rs:
