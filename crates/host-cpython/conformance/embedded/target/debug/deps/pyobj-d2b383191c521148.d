/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/pyobj-d2b383191c521148.d: /work/main/crates/pyobj/src/lib.rs /work/main/crates/pyobj/src/failure.rs /work/main/crates/pyobj/src/handle.rs /work/main/crates/pyobj/src/host.rs /work/main/crates/pyobj/src/std_host.rs /work/main/crates/pyobj/src/std_host/alias.rs /work/main/crates/pyobj/src/std_host/arguments.rs /work/main/crates/pyobj/src/std_host/arity.rs /work/main/crates/pyobj/src/std_host/attribute.rs /work/main/crates/pyobj/src/std_host/bound.rs /work/main/crates/pyobj/src/std_host/builtin.rs /work/main/crates/pyobj/src/std_host/call.rs /work/main/crates/pyobj/src/std_host/class.rs /work/main/crates/pyobj/src/std_host/compare.rs /work/main/crates/pyobj/src/std_host/depth.rs /work/main/crates/pyobj/src/std_host/exception.rs /work/main/crates/pyobj/src/std_host/getter.rs /work/main/crates/pyobj/src/std_host/hash.rs /work/main/crates/pyobj/src/std_host/item.rs /work/main/crates/pyobj/src/std_host/iterate.rs /work/main/crates/pyobj/src/std_host/namespace.rs /work/main/crates/pyobj/src/std_host/object.rs /work/main/crates/pyobj/src/std_host/owner.rs /work/main/crates/pyobj/src/std_host/receiver.rs /work/main/crates/pyobj/src/std_host/release.rs /work/main/crates/pyobj/src/std_host/repr.rs /work/main/crates/pyobj/src/std_host/sequence.rs /work/main/crates/pyobj/src/std_host/shared.rs /work/main/crates/pyobj/src/std_host/type_spec.rs /work/main/crates/pyobj/src/std_host/types.rs /work/main/crates/pyobj/src/std_host/unraisable.rs /work/main/crates/pyobj/src/std_host/value.rs /work/main/crates/pyobj/src/std_host/weak.rs /work/main/crates/pyobj/src/std_host/with.rs

/work/main/crates/host-cpython/conformance/embedded/target/debug/deps/libpyobj-d2b383191c521148.rmeta: /work/main/crates/pyobj/src/lib.rs /work/main/crates/pyobj/src/failure.rs /work/main/crates/pyobj/src/handle.rs /work/main/crates/pyobj/src/host.rs /work/main/crates/pyobj/src/std_host.rs /work/main/crates/pyobj/src/std_host/alias.rs /work/main/crates/pyobj/src/std_host/arguments.rs /work/main/crates/pyobj/src/std_host/arity.rs /work/main/crates/pyobj/src/std_host/attribute.rs /work/main/crates/pyobj/src/std_host/bound.rs /work/main/crates/pyobj/src/std_host/builtin.rs /work/main/crates/pyobj/src/std_host/call.rs /work/main/crates/pyobj/src/std_host/class.rs /work/main/crates/pyobj/src/std_host/compare.rs /work/main/crates/pyobj/src/std_host/depth.rs /work/main/crates/pyobj/src/std_host/exception.rs /work/main/crates/pyobj/src/std_host/getter.rs /work/main/crates/pyobj/src/std_host/hash.rs /work/main/crates/pyobj/src/std_host/item.rs /work/main/crates/pyobj/src/std_host/iterate.rs /work/main/crates/pyobj/src/std_host/namespace.rs /work/main/crates/pyobj/src/std_host/object.rs /work/main/crates/pyobj/src/std_host/owner.rs /work/main/crates/pyobj/src/std_host/receiver.rs /work/main/crates/pyobj/src/std_host/release.rs /work/main/crates/pyobj/src/std_host/repr.rs /work/main/crates/pyobj/src/std_host/sequence.rs /work/main/crates/pyobj/src/std_host/shared.rs /work/main/crates/pyobj/src/std_host/type_spec.rs /work/main/crates/pyobj/src/std_host/types.rs /work/main/crates/pyobj/src/std_host/unraisable.rs /work/main/crates/pyobj/src/std_host/value.rs /work/main/crates/pyobj/src/std_host/weak.rs /work/main/crates/pyobj/src/std_host/with.rs

/work/main/crates/pyobj/src/lib.rs:
/work/main/crates/pyobj/src/failure.rs:
/work/main/crates/pyobj/src/handle.rs:
/work/main/crates/pyobj/src/host.rs:
/work/main/crates/pyobj/src/std_host.rs:
/work/main/crates/pyobj/src/std_host/alias.rs:
/work/main/crates/pyobj/src/std_host/arguments.rs:
/work/main/crates/pyobj/src/std_host/arity.rs:
/work/main/crates/pyobj/src/std_host/attribute.rs:
/work/main/crates/pyobj/src/std_host/bound.rs:
/work/main/crates/pyobj/src/std_host/builtin.rs:
/work/main/crates/pyobj/src/std_host/call.rs:
/work/main/crates/pyobj/src/std_host/class.rs:
/work/main/crates/pyobj/src/std_host/compare.rs:
/work/main/crates/pyobj/src/std_host/depth.rs:
/work/main/crates/pyobj/src/std_host/exception.rs:
/work/main/crates/pyobj/src/std_host/getter.rs:
/work/main/crates/pyobj/src/std_host/hash.rs:
/work/main/crates/pyobj/src/std_host/item.rs:
/work/main/crates/pyobj/src/std_host/iterate.rs:
/work/main/crates/pyobj/src/std_host/namespace.rs:
/work/main/crates/pyobj/src/std_host/object.rs:
/work/main/crates/pyobj/src/std_host/owner.rs:
/work/main/crates/pyobj/src/std_host/receiver.rs:
/work/main/crates/pyobj/src/std_host/release.rs:
/work/main/crates/pyobj/src/std_host/repr.rs:
/work/main/crates/pyobj/src/std_host/sequence.rs:
/work/main/crates/pyobj/src/std_host/shared.rs:
/work/main/crates/pyobj/src/std_host/type_spec.rs:
/work/main/crates/pyobj/src/std_host/types.rs:
/work/main/crates/pyobj/src/std_host/unraisable.rs:
/work/main/crates/pyobj/src/std_host/value.rs:
/work/main/crates/pyobj/src/std_host/weak.rs:
/work/main/crates/pyobj/src/std_host/with.rs:
