//! Counts that would pass their limit: the process ends before one wraps.
//!
//! Each case runs in a child process, which is this program with the case's name in
//! an environment variable.
#![cfg(not(miri))] // Miri starts no processes.

use std::{convert::Infallible, env, mem, process::Command};

use hamt::{
    ArcKind, Entry, PointerKind, RcKind,
    raw::{Clones, RawHamt},
};

const CASE: &str = "HAMT_TEST_COUNTS";
const WENT_ON: &str = "the process went on";
const LIMIT: u64 = 1 << 31;

/// Counts clones of a map until there are more than the limit, all at once as often
/// as that goes, and then takes and drops one more.
fn pass_the_limit<P: PointerKind>() {
    let mut map = RawHamt::<u32, String, P>::with_kind();
    for key in 0..3 {
        let entry = Entry::with_kind(key, key, key.to_string());
        let Ok(_) = map.insert(entry, |bound| Ok::<_, Infallible>(*bound == key));
    }
    for _ in 0..=LIMIT / u64::from(u8::MAX) {
        mem::forget(Clones::of(&map, u8::MAX));
    }
    drop(map.clone());
    println!("{WENT_ON}");
}

fn assert_aborts(test: &str, pass_the_limit: fn()) {
    if env::var_os(CASE).is_some() {
        return pass_the_limit();
    }
    let output = Command::new(env::current_exe().expect("a path"))
        .args([test, "--exact", "--nocapture"])
        .env(CASE, "")
        .output()
        .expect("the program starts");
    let [stdout, stderr] =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(!output.status.success(), "{stdout}{stderr}");
    assert!(!stdout.contains(WENT_ON), "{stdout}{stderr}");
    assert!(
        stderr.contains("more than 2^31 holders"),
        "{stdout}{stderr}"
    );
}

#[test]
fn more_clones_than_an_atomic_count_takes_end_the_process() {
    assert_aborts(
        "counts::more_clones_than_an_atomic_count_takes_end_the_process",
        pass_the_limit::<ArcKind>,
    );
}

#[test]
fn more_clones_than_a_plain_count_takes_end_the_process() {
    assert_aborts(
        "counts::more_clones_than_a_plain_count_takes_end_the_process",
        pass_the_limit::<RcKind>,
    );
}
