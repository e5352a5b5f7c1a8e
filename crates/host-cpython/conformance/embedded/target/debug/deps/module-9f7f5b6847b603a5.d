/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/module-9f7f5b6847b603a5.d: /work/main/crates/module/src/lib.rs /work/main/crates/module/src/entries.rs /work/main/crates/module/src/entries/context.rs /work/main/crates/module/src/entries/method.rs /work/main/crates/module/src/entries/token.rs /work/main/crates/module/src/entries/var.rs /work/main/crates/module/src/error.rs /work/main/crates/module/src/inittab.rs /work/main/crates/module/src/inittab/registry.rs /work/main/crates/module/src/module.rs /work/main/crates/module/src/process.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/libmodule-9f7f5b6847b603a5.rmeta: /work/main/crates/module/src/lib.rs /work/main/crates/module/src/entries.rs /work/main/crates/module/src/entries/context.rs /work/main/crates/module/src/entries/method.rs /work/main/crates/module/src/entries/token.rs /work/main/crates/module/src/entries/var.rs /work/main/crates/module/src/error.rs /work/main/crates/module/src/inittab.rs /work/main/crates/module/src/inittab/registry.rs /work/main/crates/module/src/module.rs /work/main/crates/module/src/process.rs

/work/main/crates/module/src/lib.rs:
/work/main/crates/module/src/entries.rs:
/work/main/crates/module/src/entries/context.rs:
/work/main/crates/module/src/entries/method.rs:
/work/main/crates/module/src/entries/token.rs:
/work/main/crates/module/src/entries/var.rs:
/work/main/crates/module/src/error.rs:
/work/main/crates/module/src/inittab.rs:
/work/main/crates/module/src/inittab/registry.rs:
/work/main/crates/module/src/module.rs:
/work/main/crates/module/src/process.rs:
