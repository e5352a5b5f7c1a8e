//! Benchmarks of single operations, in `benches/`: `cargo bench -p benches`.
//!
//! They show how one operation's cost grows with the size of what it works on.
//! This library is empty.
