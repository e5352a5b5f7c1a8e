//! Which variables are inherited, by each way of starting work.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, Inherit, Var};
use futures::executor::block_on;

static ALWAYS: Var<u64> = Var::new("always").inherit(Inherit::Always);
static DEFAULT: Var<u64> = Var::new("default");
static NEVER: Var<u64> = Var::new("never").inherit(Inherit::Never);

type Values = (Option<u64>, Option<u64>, Option<u64>);

fn values() -> Values {
    (ALWAYS.get(), DEFAULT.get(), NEVER.get())
}

const ALL: Values = (Some(1), Some(2), Some(3));
const STARTED: Values = (Some(1), Some(2), None);
const ISOLATED: Values = (Some(1), None, None);

fn set_all() {
    ALWAYS.set(1);
    DEFAULT.set(2);
    NEVER.set(3);
}

#[test]
fn every_way_of_spawning_respects_inherit() {
    fresh(spawn_in_every_way);
}

fn spawn_in_every_way() {
    set_all();
    assert_eq!(block_on(async { values() }.inherit()), STARTED);
    assert_eq!(ambient::inherit(values)(), STARTED);
    assert_eq!(ambient::thread::spawn(values).join().unwrap(), STARTED);
    let named = std::thread::Builder::new().name("named".into());
    let named = ambient::thread::spawn_with(named, values).unwrap();
    assert_eq!(named.join().unwrap(), STARTED);
    let scoped = std::thread::scope(|scope| {
        let thread = ambient::thread::spawn_scoped(scope, values);
        thread.join().unwrap()
    });
    assert_eq!(scoped, STARTED);
    // crossbeam-epoch, below rayon, casts integers to pointers, which Miri cannot check.
    if !cfg!(miri) {
        assert_eq!(ambient::on_rayon::join(values, values), (STARTED, STARTED));
        let (send, receive) = std::sync::mpsc::channel();
        ambient::on_rayon::spawn(move || send.send(values()).unwrap());
        assert_eq!(receive.recv().unwrap(), STARTED);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let task = async {
        assert_eq!(
            ambient::on_tokio::spawn(async { values() }).await.unwrap(),
            STARTED
        );
        assert_eq!(
            ambient::on_tokio::spawn_blocking(values).await.unwrap(),
            STARTED
        );
        let local = tokio::task::LocalSet::new();
        let here =
            local.run_until(async { ambient::on_tokio::spawn_local(async { values() }).await });
        assert_eq!(here.await.unwrap(), STARTED);
    };
    runtime.block_on(task.in_current());
}

#[test]
fn a_copy_for_the_same_task_keeps_all_values() {
    fresh(|| {
        set_all();
        assert_eq!(block_on(async { values() }.in_current()), ALL);
        assert_eq!(Context::current().run(values), ALL);
        assert_eq!(Context::current().copy().run(values), ALL);
    })
}

#[test]
fn isolated_work_keeps_only_what_is_always_inherited() {
    fresh(|| {
        set_all();
        let mut isolated = Context::isolated();
        assert_eq!((isolated.len(), isolated.run(values)), (1, ISOLATED));
        let detached = async { values() }.in_context(Context::isolated());
        assert_eq!(block_on(detached), ISOLATED);
    })
}

#[test]
fn a_variable_that_is_not_inherited_stays_set_in_the_original() {
    fresh(|| {
        set_all();
        let mut started = Context::inherited();
        started.run(|| NEVER.set(4));
        assert_eq!((NEVER.get(), started.get(&NEVER)), (Some(3), Some(4)));
        // Copies of the copy do not inherit the copy's value either.
        started.run(|| assert_eq!(Context::inherited().run(values), STARTED));
    })
}

/// Two threads set a variable for the first time: one assigns its key, the other may read
/// it. Miri with many seeds lets each miss writes of the other that are not ordered.
#[test]
fn a_variable_that_two_threads_set_first_is_never_inherited() {
    static FIRST: Var<u64> = Var::new("first").inherit(Inherit::Never);
    // Initialises the shared statics first, so that they order nothing below.
    drop(Context::new());
    let set = || {
        let mut context = Context::new();
        std::thread::yield_now();
        context.run(|| {
            FIRST.set(1);
            Context::inherited().get(&FIRST)
        })
    };
    let inherited = std::thread::scope(|scope| {
        let threads = [scope.spawn(set), scope.spawn(set)];
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(inherited, [None, None]);
}
