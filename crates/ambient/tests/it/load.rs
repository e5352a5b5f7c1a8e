//! The examples under load.

use std::time::Duration;

#[expect(dead_code, reason = "its main")]
#[path = "../../examples/hyper.rs"]
mod hyper_example;
#[expect(dead_code, reason = "its main")]
#[path = "../../examples/pool.rs"]
mod pool;
#[path = "../../examples/service/service.rs"]
mod service;
#[path = "../../examples/service/load.rs"]
mod service_load;
#[expect(dead_code, reason = "its main")]
#[path = "../../examples/threads.rs"]
mod threads;
#[expect(dead_code, reason = "its main")]
#[path = "../../examples/tonic.rs"]
mod tonic_example;

#[test]
#[cfg_attr(miri, ignore = "Miri isolates tests from the network")]
fn no_request_sees_another_requests_value() {
    let report = service_load::run(Duration::from_secs(2), false).unwrap();
    assert!(report.is_clean(), "{report}");
    // A server that runs inside a context leaks it to unwrapped work: the client must
    // detect that.
    let report = service_load::run(Duration::from_secs(1), true).unwrap();
    assert!(!report.is_clean(), "{report}");
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

#[tokio::test]
#[cfg_attr(miri, ignore = "Miri isolates tests from the network")]
async fn servers_on_hyper_and_tonic_answer_in_context() {
    hyper_example::run().await.unwrap();
    tonic_example::run().await.unwrap();
}
