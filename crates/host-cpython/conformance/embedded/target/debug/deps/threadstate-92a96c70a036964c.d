/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/threadstate-92a96c70a036964c.d: /work/main/crates/threadstate/src/lib.rs /work/main/crates/threadstate/src/claim.rs /work/main/crates/threadstate/src/current.rs /work/main/crates/threadstate/src/error.rs /work/main/crates/threadstate/src/frame.rs /work/main/crates/threadstate/src/id.rs /work/main/crates/threadstate/src/interpreter.rs /work/main/crates/threadstate/src/run.rs /work/main/crates/threadstate/src/stack.rs /work/main/crates/threadstate/src/thread.rs /work/main/crates/threadstate/src/unwind.rs /work/main/crates/threadstate/src/watch.rs /work/main/crates/threadstate/src/sync.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/libthreadstate-92a96c70a036964c.rmeta: /work/main/crates/threadstate/src/lib.rs /work/main/crates/threadstate/src/claim.rs /work/main/crates/threadstate/src/current.rs /work/main/crates/threadstate/src/error.rs /work/main/crates/threadstate/src/frame.rs /work/main/crates/threadstate/src/id.rs /work/main/crates/threadstate/src/interpreter.rs /work/main/crates/threadstate/src/run.rs /work/main/crates/threadstate/src/stack.rs /work/main/crates/threadstate/src/thread.rs /work/main/crates/threadstate/src/unwind.rs /work/main/crates/threadstate/src/watch.rs /work/main/crates/threadstate/src/sync.rs

/work/main/crates/threadstate/src/lib.rs:
/work/main/crates/threadstate/src/claim.rs:
/work/main/crates/threadstate/src/current.rs:
/work/main/crates/threadstate/src/error.rs:
/work/main/crates/threadstate/src/frame.rs:
/work/main/crates/threadstate/src/id.rs:
/work/main/crates/threadstate/src/interpreter.rs:
/work/main/crates/threadstate/src/run.rs:
/work/main/crates/threadstate/src/stack.rs:
/work/main/crates/threadstate/src/thread.rs:
/work/main/crates/threadstate/src/unwind.rs:
/work/main/crates/threadstate/src/watch.rs:
/work/main/crates/threadstate/src/sync.rs:
