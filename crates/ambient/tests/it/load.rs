//! The examples under load.

#[expect(dead_code, reason = "its main")]
#[path = "../../examples/pool.rs"]
mod pool;
#[path = "../../examples/server/load.rs"]
mod server_load;
#[path = "../../examples/server/service.rs"]
mod service;
#[expect(dead_code, reason = "its main")]
#[path = "../../examples/threads.rs"]
mod threads;

#[test]
#[cfg_attr(miri, ignore = "Miri isolates tests from the network")]
fn thousands_of_requests_at_once_do_not_see_each_other() {
    let report = server_load::run(3_000).unwrap();
    assert!(report.is_clean(), "{report}");
}

#[test]
#[cfg_attr(
    miri,
    ignore = "below rayon, crossbeam-epoch casts integers to pointers"
)]
fn jobs_on_a_pool_do_not_see_each_other() {
    assert_eq!(pool::run(1_000), 0);
}

#[test]
fn threads_do_not_see_each_others_clients() {
    assert_eq!(threads::run(if cfg!(miri) { 5 } else { 300 }), 0);
}
